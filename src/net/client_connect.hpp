// client_connect.hpp: opening a WebSocket to a server.
#pragma once

#include <capnweb/client.hpp>
#include <capnweb/detail/ref.hpp>
#include <functional>
#include <memory>

#include "net/loop_core.hpp"
#include "net/url.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// Starts to connect, and gives the session at once; what is called on it waits. `done` is called
// once, in a turn, with null when the connection stands or with the error that ended the session.
// Throws Error for options that cannot be sent. REQUIRES: `url` is ws.
detail::Ref<detail::SessionCore> connect_websocket(std::shared_ptr<LoopCore> loop, ServerUrl url,
                                                   ConnectOptions options,
                                                   std::function<void(const Error*)> done);

}  // namespace capnweb
