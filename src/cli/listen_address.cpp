#include "cli/listen_address.hpp"

#include <charconv>

#include "net/url.hpp"

namespace capnweb {

namespace {

Error bad_address(std::string_view text, std::string_view why) {
  return Error("cannot listen on '" + std::string(text) + "': " + std::string(why));
}

}  // namespace

Expected<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == text.npos) return bad_address(text, "write ws://HOST:PORT/ or http://HOST:PORT/");
  const std::string scheme = to_lower_ascii(text.substr(0, colon));
  if (scheme == "wss" || scheme == "https")
    return bad_address(
        text, "there is no TLS yet; listen on ws:// or http:// and put a TLS proxy in front");
  if (scheme != "ws" && scheme != "http") return bad_address(text, "the scheme must be ws or http");

  const std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = rest.find_first_of("/?#");
  if (slash != rest.npos && rest.find_first_of("?#") != rest.npos)
    return bad_address(text, "it is a path to listen on, without ? and #");
  HostPort where;
  if (!parse_host_port(rest.substr(0, slash), where))
    return bad_address(text,
                       "it needs a host and a port of at most 65535, as in ws://127.0.0.1:8080/");
  if (where.port.empty()) return bad_address(text, "it needs a port; 0 picks a free one");

  ListenAddress address{.host = where.host,
                        .path = slash == rest.npos ? "/" : std::string(rest.substr(slash)),
                        .takes_batches = scheme == "http"};
  std::from_chars(where.port.data(), where.port.data() + where.port.size(), address.port);
  return address;
}

}  // namespace capnweb
