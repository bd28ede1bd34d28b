// tun_namespace.hpp: a network namespace that has nothing but a way to us.
#pragma once

#include <string>

namespace network {

// A descriptor that is closed.
class Descriptor {
 public:
  // `what` is said with the reason, if it is none. Throws std::system_error.
  Descriptor(int number, const char* what);
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const noexcept { return number_; }

 private:
  int number_;
};

// Its packets to 198.18.0.0/24 (addresses that are nobody's, RFC 2544) are read from, and those for
// it written to, `tun()`. Needs the rights of an administrator, of a user namespace at least.
class TunNamespace {
 public:
  // Makes one, with this address. The calling thread is where it was afterwards. Throws
  // std::system_error.
  explicit TunNamespace(const char* address);

  int tun() const noexcept { return tun_.get(); }
  // For nsenter: good as long as this lives.
  std::string path() const;

 private:
  struct Parts {
    Descriptor space;
    Descriptor tun;
  };
  explicit TunNamespace(Parts parts);
  static Parts make(const char* address);

  Descriptor space_;
  Descriptor tun_;
};

}  // namespace network
