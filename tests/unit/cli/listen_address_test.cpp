#include "cli/listen_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace capnweb {
namespace {

std::string parsed(std::string_view text) {
  const auto address = parse_listen_address(text);
  if (!address) return address.error().message();
  return address->host + " " + std::to_string(address->port) + " " + address->path +
         (address->takes_batches ? " batches" : "");
}

TEST(ListenAddress, HasHostPortAndPath) {
  EXPECT_EQ(parsed("ws://127.0.0.1:0/"), "127.0.0.1 0 /");
  EXPECT_EQ(parsed("http://localhost:8080/api/v1"), "localhost 8080 /api/v1 batches");
  EXPECT_EQ(parsed("WS://[::1]:65535"), "::1 65535 /");
}

TEST(ListenAddress, SaysWhatIsWrong) {
  EXPECT_EQ(parsed("127.0.0.1:80"),
            "cannot listen on '127.0.0.1:80': write ws://HOST:PORT/ or http://HOST:PORT/");
  EXPECT_EQ(parsed("ftp://h:1/"), "cannot listen on 'ftp://h:1/': the scheme must be ws or http");
  EXPECT_NE(parsed("wss://h:1/").find("no TLS yet"), std::string::npos);
  EXPECT_NE(parsed("ws://h/").find("it needs a port"), std::string::npos);
  EXPECT_NE(parsed("ws://h:65536/").find("a port of at most 65535"), std::string::npos);
  EXPECT_NE(parsed("ws://:80/").find("it needs a host"), std::string::npos);
  EXPECT_NE(parsed("ws://h:1/?x").find("without ? and #"), std::string::npos);
  EXPECT_NE(parsed("ws://h:1?x").find("without ? and #"), std::string::npos);
}

}  // namespace
}  // namespace capnweb
