// listen_address.hpp: where a program is told to listen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "value/expected.hpp"

namespace capnweb {

struct ListenAddress {
  std::string host;            // a name or an address, without brackets
  std::uint16_t port = 0;      // 0 picks a free one
  std::string path;            // begins with a slash
  bool takes_batches = false;  // http://: both transports; ws://: WebSockets only
};

// ws://HOST:PORT/PATH or http://HOST:PORT/PATH; the port must be given.
Expected<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace capnweb
