#include <capnweb/server.hpp>
#include <capnweb/webtransport.hpp>
#include <utility>

#include "net/client_transport.hpp"
#include "net/webtransport/wt_client.hpp"
#include "net/webtransport/wt_server.hpp"

namespace capnweb {
namespace {

class WtTransport final : public ClientTransport {
 public:
  explicit WtTransport(WebTransportClientOptions options)
      : connection_(options.connection),
        credentials_(std::make_shared<QuicCredentials>(std::move(options.certificate_hashes),
                                                       options.ca_file)) {}

  detail::Ref<detail::SessionCore> connect(std::shared_ptr<LoopCore> loop, ServerUrl url,
                                           ConnectOptions options,
                                           std::function<void(const Error*)> done) const override {
    return connect_webtransport(std::move(loop), std::move(url), std::move(options), connection_,
                                credentials_, std::move(done));
  }

 private:
  const WebTransportOptions connection_;
  const std::shared_ptr<const QuicCredentials> credentials_;
};

}  // namespace

std::shared_ptr<const ClientTransport> webtransport(WebTransportClientOptions options) {
  return std::make_shared<WtTransport>(std::move(options));
}

bool detail::use_webtransport_for_wt() noexcept {
  set_wt_transport([]() -> std::shared_ptr<const ClientTransport> {
    // Reading the system's authorities takes a while.
    static const auto kTransport = webtransport();
    return kTransport;
  });
  return true;
}

// ---- WebTransportListener

WebTransportListener::WebTransportListener(Server& server, WebTransportListenerOptions options)
    : server_(std::make_shared<WtServer>(server.core(), std::move(options))) {
  server_->start();
}

WebTransportListener::WebTransportListener(WebTransportListener&&) noexcept = default;

WebTransportListener& WebTransportListener::operator=(WebTransportListener&& other) noexcept {
  if (server_ && server_ != other.server_) server_->close();
  server_ = std::move(other.server_);
  return *this;
}

WebTransportListener::~WebTransportListener() {
  if (server_) server_->close();
}

std::uint16_t WebTransportListener::port() const noexcept { return server_->port(); }
std::string WebTransportListener::url() const { return server_->url(); }
std::size_t WebTransportListener::connections() const noexcept { return server_->connections(); }

const Certificate& WebTransportListener::certificate() const noexcept {
  return server_->certificate();
}

void WebTransportListener::set_certificate(Certificate certificate) {
  server_->set_certificate(std::move(certificate));
}

}  // namespace capnweb
