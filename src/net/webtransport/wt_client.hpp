// wt_client.hpp: opening a WebTransport session to a server.
#pragma once

#include <capnweb/client.hpp>
#include <capnweb/detail/ref.hpp>
#include <capnweb/webtransport.hpp>
#include <functional>
#include <memory>

#include "net/loop_core.hpp"
#include "net/url.hpp"
#include "net/webtransport/quic_tls.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// As connect_websocket(). REQUIRES: `url` is https.
detail::Ref<detail::SessionCore> connect_webtransport(
    std::shared_ptr<LoopCore> loop, ServerUrl url, ConnectOptions options,
    const WebTransportOptions& connection, std::shared_ptr<const QuicCredentials> credentials,
    std::function<void(const Error*)> done);

}  // namespace capnweb
