// ws_role.hpp: which end of a WebSocket we are.
#pragma once

#include <cstdint>

namespace capnweb {

enum class WebSocketRole : std::uint8_t { kServer, kClient };

}  // namespace capnweb
