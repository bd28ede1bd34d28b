#include "net/http_server_admission.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace capnweb {
namespace {

namespace ip = boost::asio::ip;

// Leaves a fifth of the descriptors to the application.
std::size_t default_max_connections() {
  constexpr std::size_t kMost = 10'000;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return kMost;
  return std::clamp<std::size_t>(files.rlim_cur / 5 * 4, 1, kMost);
}

// What one party holds: an IPv4 address, or an IPv6 /64, which is what a single customer gets.
std::uint64_t network_of(const ip::address& address) {
  if (address.is_v4()) return std::uint64_t{0xFFFF} << 32 | address.to_v4().to_uint();
  std::uint64_t network = 0;
  const auto bytes = address.to_v6().to_bytes();
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | bytes[i];
  return network;
}

}  // namespace

ip::address unmapped(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

HttpAdmission::Slot::Slot(std::shared_ptr<Counts> counts, std::optional<std::uint64_t> network)
    : counts_(std::move(counts)), network_(network) {
  ++counts_->total;
  if (network_) ++counts_->by_network[*network_];
}

HttpAdmission::Slot::~Slot() {
  if (!counts_) return;
  --counts_->total;
  if (!network_) return;
  const auto entry = counts_->by_network.find(*network_);
  if (--entry->second == 0) counts_->by_network.erase(entry);
}

HttpAdmission::HttpAdmission(const HttpLimits& limits)
    : max_total_(limits.max_connections != 0 ? limits.max_connections : default_max_connections()),
      max_per_address_(limits.max_connections_per_address) {}

std::optional<HttpAdmission::Slot> HttpAdmission::admit(const ip::address& address) {
  if (counts_->total >= max_total_) return std::nullopt;
  const ip::address who = unmapped(address);
  if (who.is_loopback()) return Slot(counts_, std::nullopt);
  const std::uint64_t network = network_of(who);
  const auto entry = counts_->by_network.find(network);
  if (entry != counts_->by_network.end() && entry->second >= max_per_address_) return std::nullopt;
  return Slot(counts_, network);
}

}  // namespace capnweb
