// http_server_admission.hpp: how many connections there may be, and of whom.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <capnweb/server.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace capnweb {

class HttpAdmission {
  struct Counts {
    std::size_t total = 0;
    std::map<std::uint64_t, std::size_t> by_network = {};
  };

 public:
  // A place among the connections, given back when it is destroyed.
  class Slot {
   public:
    Slot(Slot&& other) noexcept = default;
    Slot& operator=(Slot&&) = delete;
    ~Slot();

   private:
    friend class HttpAdmission;
    Slot(std::shared_ptr<Counts> counts, std::optional<std::uint64_t> network);
    std::shared_ptr<Counts> counts_;
    std::optional<std::uint64_t> network_;  // none: not counted by address
  };

  explicit HttpAdmission(const HttpLimits& limits);

  // A place for a connection from `address`, if it may have one.
  std::optional<Slot> admit(const boost::asio::ip::address& address);
  std::size_t connections() const noexcept { return counts_->total; }

 private:
  std::size_t max_total_;
  std::size_t max_per_address_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

// An IPv4 address that came through an IPv6 socket, as the IPv4 address it is.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

}  // namespace capnweb
