// endpoints.hpp: where a host can be reached, by TCP and by UDP alike.
#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_endpoint.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "net/url.hpp"

namespace capnweb {

template <class Protocol>
using Endpoints = std::vector<boost::asio::ip::basic_endpoint<Protocol>>;

// "127.0.0.1:80", "[::1]:80"
template <class Protocol>
std::string to_text(const boost::asio::ip::basic_endpoint<Protocol>& endpoint) {
  return bracketed(endpoint.address().to_string()) + ":" + std::to_string(endpoint.port());
}

template <class Protocol>
Endpoints<Protocol> loopback_endpoints(std::uint16_t port) {
  return {{boost::asio::ip::address_v4::loopback(), port},
          {boost::asio::ip::address_v6::loopback(), port}};
}

// ---- Of clients

// Of an address and of localhost; none for other names. They need no resolver, which works with a
// thread of Asio's.
template <class Protocol>
Endpoints<Protocol> known_endpoints(const ServerUrl& url) {
  boost::system::error_code code;
  const auto address = boost::asio::ip::make_address(url.host, code);
  if (!code) return {{address, url.port}};
  if (is_localhost(url.host)) return loopback_endpoints<Protocol>(url.port);
  return {};
}

// Looks up a name. A look-up cannot be cut short, so `done(code, endpoints)`, which is not called
// in a turn of the loop, should not keep alive what can end before.
template <class Protocol, class Done>
void look_up(boost::asio::ip::basic_resolver<Protocol>& resolver, const ServerUrl& url, Done done) {
  resolver.async_resolve(
      url.host, std::to_string(url.port),
      [done = std::move(done)](const boost::system::error_code& code, const auto& found) {
        Endpoints<Protocol> endpoints;
        for (const auto& entry : found) endpoints.push_back(entry.endpoint());
        done(code, endpoints);
      });
}

// ---- Of servers

// What to listen on, each once; "localhost" is both kinds of addresses. Blocks for other names.
template <class Protocol>
Endpoints<Protocol> listening_endpoints(const boost::asio::any_io_executor& executor,
                                        const std::string& host, std::uint16_t port,
                                        boost::system::error_code& code) {
  const auto address = boost::asio::ip::make_address(host, code);
  if (!code) return {{address, port}};
  code = {};
  if (host == "localhost") return loopback_endpoints<Protocol>(port);
  using Resolver = boost::asio::ip::basic_resolver<Protocol>;
  Endpoints<Protocol> endpoints;
  for (const auto& entry :
       Resolver(executor).resolve(host, std::to_string(port), Resolver::passive, code))
    if (std::find(endpoints.begin(), endpoints.end(), entry.endpoint()) == endpoints.end())
      endpoints.push_back(entry.endpoint());
  return endpoints;
}

// A machine without IPv6 has no ::1; that localhost means it as well is no reason to fail.
inline bool is_missing_here(const boost::system::error_code& code) noexcept {
  return code == boost::system::errc::address_not_available ||
         code == boost::system::errc::address_family_not_supported;
}

}  // namespace capnweb
