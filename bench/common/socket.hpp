// socket.hpp: TCP sockets on loopback that never block.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/meter.hpp"

namespace bench {

// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int number = -1) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd();
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

// These throw std::system_error. Port 0: any that is free.
Fd listen_on(std::uint16_t port);
std::uint16_t port_of(const Fd& listener);
Fd connect_to(std::uint16_t port);
// Empty when nobody is waiting.
Fd accept_from(const Fd& listener);

// A connection with what has arrived in part and what could not be sent yet.
class Socket {
 public:
  Socket(Fd fd, Traffic& traffic) : fd_(std::move(fd)), traffic_(traffic) {}

  int number() const { return fd_.number(); }

  // What is to be sent is appended here.
  std::string& out() { return out_; }
  bool wants_to_send() const { return sent_ != out_.size(); }

  // Sends as much as the kernel takes. False when the connection is lost.
  bool flush();

  // Reads once, and gives what there is to `take(begin, end)`, which may change it and returns how
  // far it came; the rest is kept. False when the connection is lost.
  template <class Take>
  bool read(Take&& take) {
    const Block block = receive();
    if (block.is_lost) return false;
    if (block.begin == block.end) return true;
    if (pending_.empty()) {
      char* stopped = take(block.begin, block.end);
      pending_.assign(stopped, block.end);
    } else {
      pending_.append(block.begin, block.end);
      char* begin = pending_.data();
      char* stopped = take(begin, begin + pending_.size());
      pending_.erase(0, static_cast<std::size_t>(stopped - begin));
    }
    return true;
  }

 private:
  struct Block {
    char* begin = nullptr;
    char* end = nullptr;
    bool is_lost = false;
  };
  // Into a buffer that all sockets share.
  Block receive();

  Fd fd_;
  Traffic& traffic_;
  std::string pending_;
  std::string out_;
  std::size_t sent_ = 0;
};

}  // namespace bench
