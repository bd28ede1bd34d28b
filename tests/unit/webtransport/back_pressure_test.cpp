// As tests/unit/channel/back_pressure_test.cpp, over WebTransport: there all clients of a server
// come by one socket.
#include <capnweb/webtransport.hpp>

#include "unit/channel/flooded_hub.hpp"

namespace capnweb::testing {
namespace {

class WtBackPressure : public FloodedHub {
 protected:
  WtBackPressure() {
    front.run([this] { listener.emplace(*server); });
    url = front.run([this] { return listener->url(); });
    options.transport = front.run(
        [this] { return webtransport({.certificate_hashes = {listener->certificate().hash()}}); });
  }
  ~WtBackPressure() override {
    front.run([this] { listener.reset(); });
  }

  std::optional<WebTransportListener> listener;
};

TEST_F(WtBackPressure, CountsMessages) { flood_with_messages(); }

TEST_F(WtBackPressure, CountsBytes) { flood_with_bytes(); }

}  // namespace
}  // namespace capnweb::testing
