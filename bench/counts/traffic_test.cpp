// How many bytes our two ends need for a call.
#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

#include "counts/bounds.hpp"
#include "service/service.hpp"

namespace bench {
namespace {

TEST(Traffic, OfACall) {
  capnweb::Session server(capnweb::to_value(std::make_shared<Service>()));
  capnweb::Session client;
  capnweb::Outbox outbox;
  std::size_t bytes = 0;
  const auto carry = [&](capnweb::Session& from, capnweb::Session& to) {
    capnweb::send_output(from, outbox, [&](std::string_view message) {
      bytes += message.size();
      to.receive(message);
    });
  };
  const capnweb::Stub<Service> service(client.remote_main().as<Service>());
  double sum = 0;
  const auto call = [&] {
    service->add(5, 3).then([&](double result) { sum += result; });
    carry(client, server);
    carry(server, client);
    carry(client, server);
  };

  for (int i = 1; i < 1000; ++i) call();
  bytes = 0;
  for (int i = 1000; i < 2000; ++i) call();
  EXPECT_EQ(sum, 1999 * 8);
  EXPECT_LE(static_cast<double>(bytes) / 1000, bounds::kBytesOfAdd);
}

}  // namespace
}  // namespace bench
