// plain_writer.hpp: the text of plain data, before anybody has asked for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace capnweb::detail {

// Appends expressions to a buffer, which each thread has one of.
class PlainWriter {
 public:
  PlainWriter() noexcept;
  ~PlainWriter();
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  // Text of the wire, as it is.
  void raw(std::string_view text) {
    char* const place = make_room(text.size());
    std::memcpy(place, text.data(), text.size());
    next_ = place + text.size();
  }
  void number(double number);
  void integer(std::int64_t integer);
  void integer(std::uint64_t integer);
  void string(std::string_view text);

  // Around what an array or object holds. False if it nests too deeply: then it is left out, and
  // take() gives nothing.
  bool enter() noexcept {
    if (depth_ == kMaxDepth) has_failed_ = true;
    return depth_++ < kMaxDepth;
  }
  void leave() noexcept { --depth_; }

  // Where the next character goes, to be changed later.
  std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - begin()); }
  char& at(std::size_t index) noexcept { return buffer_.bytes[index]; }

  // What was written; empty if that cannot stand for the value: it nests too deeply, or -0 is in
  // it.
  std::string take() const { return has_failed_ ? std::string() : std::string(begin(), size()); }

 private:
  // Values of more levels are left to who can say what is wrong with them (V-33).
  static constexpr int kMaxDepth = 100;

  struct Buffer {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };
  static thread_local Buffer spare;

  const char* begin() const noexcept { return buffer_.bytes.get(); }
  char* make_room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) grow(size);
    return next_;
  }
  void grow(std::size_t size);

  Buffer buffer_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  int depth_ = 0;
  bool has_failed_ = false;
};

}  // namespace capnweb::detail
