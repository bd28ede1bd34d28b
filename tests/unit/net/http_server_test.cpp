// Connections: order, keep-alive, limits, clients that misbehave.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/ip/v6_only.hpp>
#include <vector>

#include "support/object.hpp"
#include "unit/net/http_raw_client.hpp"

namespace capnweb::testing {
namespace {

using std::chrono::milliseconds;

class HttpServerTest : public HttpFixture {
 protected:
  // A main object whose name() is the query of its request.
  void serve_names() {
    serve([](const RequestInfo& request) {
      return target(
          {{"name", [query = std::string(request.query())](Array&) { return Value(query); }}});
    });
  }
  static std::string ask_name(std::string_view name, std::string_view headers = {}) {
    return post("[\"push\",[\"pipeline\",0,[\"name\"],[]]]\n[\"pull\",1]", headers,
                "/rpc?" + std::string(name));
  }
  static std::string named(std::string_view name) {
    return "[\"resolve\",1,\"" + std::string(name) + "\"]";
  }
};

// ---- Order and keep-alive

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  serve_names();
  RawClient client = connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += ask_name(std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.response().body, named(std::to_string(i)));
}

TEST_F(HttpServerTest, AnswersWhatCameBeforeTheClientEndedItsSending) {
  serve_names();
  RawClient client = connect();
  client.send(ask_name("a") + ask_name("b"));
  client.end_sending();
  EXPECT_EQ(client.response().body, named("a"));
  EXPECT_EQ(client.response().body, named("b"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ReadsRequestsByteByByte) {
  serve_names();
  RawClient client = connect();
  for (char c : ask_name("slow")) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.response().body, named("slow"));
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  serve_names();
  RawClient client = connect();
  client.send(
      "POST /rpc?c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "28\r\n[\"push\",[\"pipeline\",0,[\"name\"],[]]]\n[\"pu\r\n6\r\nll\",1]\r\n0\r\n\r\n");
  EXPECT_EQ(client.response().body, named("c"));
  EXPECT_EQ(client.exchange(ask_name("next")).body, named("next"));
}

TEST_F(HttpServerTest, SaysContinueToThoseWhoWait) {
  serve_names();
  RawClient client = connect();
  const std::string request = ask_name("x", "Expect: 100-continue\r\n");
  const std::size_t body = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, body));
  EXPECT_EQ(client.response().status, 100);
  client.send(request.substr(body));
  EXPECT_EQ(client.response().body, named("x"));
}

TEST_F(HttpServerTest, RefusesInsteadOfSayingContinue) {
  options.session.limits.max_message_size = 10;
  serve_names();
  EXPECT_EQ(exchange("POST /rpc HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                     "Content-Length: 31\r\n\r\n")
                .status,
            413);
  EXPECT_EQ(exchange("POST /rpc HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\n"
                     "Content-Length: 3\r\n\r\n")
                .status,
            421);
}

TEST_F(HttpServerTest, ClosesWhenTheClientWants) {
  serve_names();
  RawClient client = connect();
  EXPECT_TRUE(client.exchange(ask_name("a")).has_line("Keep-Alive: timeout=75"));
  const RawResponse response = client.exchange(ask_name("a", "Connection: close\r\n"));
  EXPECT_EQ(response.body, named("a"));
  EXPECT_TRUE(response.has_line("Connection: close"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ClosesAfterTheLastRequestAConnectionMayMake) {
  options.http.max_requests_per_connection = 3;
  serve_names();
  RawClient client = connect();
  for (int i = 1; i <= 3; ++i)
    EXPECT_EQ(client.exchange(ask_name("a")).has_line("Connection: close"), i == 3);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ServesOldClients) {
  serve_names();
  RawClient client = connect();
  const std::string request =
      "POST /rpc HTTP/1.0\r\nConnection: keep-alive\r\nHost: localhost\r\n"
      "Content-Length: 0\r\n\r\n";
  EXPECT_TRUE(client.exchange(request).has_line("Connection: keep-alive"));
  EXPECT_TRUE(client.exchange(request).has_line("Connection: keep-alive"));
}

TEST_F(HttpServerTest, ServesPages) {
  serve_names();
  server->add_page("/", "text/html;charset=UTF-8", "<p>hello");
  RawClient client = connect();
  const RawResponse page = client.exchange(get("/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<p>hello");
  EXPECT_TRUE(page.has_line("Content-Type: text/html;charset=UTF-8"));
  EXPECT_TRUE(page.has_line("X-Content-Type-Options: nosniff"));
  client.send(get("/", {}, "HEAD"));
  EXPECT_TRUE(client.response(true).has_line("Content-Length: 8"));
  EXPECT_EQ(client.exchange(get("/missing")).status, 404);
}

TEST_F(HttpServerTest, PutsTheCorsHeaderOnEveryAnswer) {
  options.origins = {"*"};
  serve_names();
  for (const std::string& request :
       {ask_name("a"), get("/missing"), get("/rpc"), std::string("nonsense\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")}) {
    EXPECT_TRUE(exchange(request).has_line("Access-Control-Allow-Origin: *")) << request;
  }
}

TEST_F(HttpServerTest, AnswersPreflights) {
  options.origins = {"https://app.example"};
  serve_names();
  const RawResponse answer = connect().exchange(get(
      "/rpc", "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n", "OPTIONS"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_TRUE(answer.has_line("Access-Control-Allow-Origin: https://app.example"));
  EXPECT_TRUE(answer.has_line("Vary: Origin"));
  EXPECT_EQ(answer.head.find("Content-Length"), std::string::npos);
}

// ---- Misbehaving clients

TEST_F(HttpServerTest, RefusesHeaderBombs) {
  serve_names();
  std::string many = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 101; ++i) many += "X: y\r\n";
  EXPECT_EQ(exchange(many + "\r\n").status, 431);
  EXPECT_EQ(exchange("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'y')).status, 431);
  EXPECT_EQ(exchange(std::string(100'000, 'y')).status, 431);
}

TEST_F(HttpServerTest, DeliversARefusalToAClientThatIsStillSending) {
  options.session.limits.max_message_size = 100;
  serve_names();
  const RawResponse response = exchange(post(std::string(500'000, ' ')));
  EXPECT_EQ(response.status, 413);
  EXPECT_TRUE(response.has_line("Connection: close"));
}

TEST_F(HttpServerTest, ClosesAfterARequestItCannotSeparateFromTheNext) {
  serve_names();
  RawClient client = connect();
  client.send("POST /missing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n" +
              ask_name("smuggled"));
  EXPECT_EQ(client.response().status, 404);
  EXPECT_EQ(client.response().status, 0);
}

TEST_F(HttpServerTest, ClosesConnectionsThatNeverSpeak) {
  options.http.header_time = milliseconds(40);
  serve_names();
  RawClient client = connect();
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(client.has_received());
}

TEST_F(HttpServerTest, EndsASlowHead) {
  options.http.header_time = milliseconds(60);
  serve_names();
  RawClient client = connect();
  client.send("GET / HTTP/1.1\r\n");
  // A header now and then does not buy time.
  for (int i = 0; i < 6; ++i) {
    client.send("X: y\r\n");
    loop.restart();
    loop.run_for(milliseconds(5));
  }
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, EndsASlowBody) {
  options.http.body_time = milliseconds(60);
  options.http.min_body_bytes_per_second = 1'000'000;
  serve_names();
  RawClient client = connect();
  client.send("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n[");
  EXPECT_EQ(client.response().status, 408);
}

TEST_F(HttpServerTest, GivesABodyTheTimeItsBytesTake) {
  options.http.body_time = milliseconds(20);
  options.http.min_body_bytes_per_second = 1;
  serve_names();
  RawClient client = connect();
  client.send("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\n" +
              std::string(20, ' '));
  loop.restart();
  loop.run_for(milliseconds(60));
  client.send(std::string(10, ' '));
  EXPECT_EQ(client.response().status, 200);
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  options.http.keep_alive_time = milliseconds(40);
  serve_names();
  RawClient client = connect();
  EXPECT_EQ(client.exchange(ask_name("a")).status, 200);
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(client.has_received());
}

TEST_F(HttpServerTest, EndsClientsThatDoNotReadTheirAnswer) {
  options.http.write_time = milliseconds(50);
  options.every_path = true;
  serve_names();
  server->add_page("/", "text/plain", std::string(64 * 1024 * 1024, 'x'));
  boost::asio::ip::tcp::socket deaf(loop);
  deaf.connect({boost::asio::ip::address_v4::loopback(), server->port()});
  boost::asio::write(deaf, boost::asio::buffer(get("/")));
  ASSERT_TRUE(run_until(loop, [&] { return server->connections() == 1; }));
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
}

TEST_F(HttpServerTest, BoundsBodiesThatAreStillArriving) {
  options.http.max_unfinished_bodies = 100;
  serve_names();
  RawClient first = connect();
  first.send("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n" +
             std::string(80, ' '));
  const RawResponse refused = exchange(
      "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n" + std::string(80, ' '));
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has_line("Retry-After: 1"));
  first.send(std::string(10, ' '));
  EXPECT_EQ(first.response().status, 200);
  EXPECT_EQ(exchange(ask_name("a")).status, 200);
}

// ---- Connections

TEST_F(HttpServerTest, TurnsAwayConnectionsOverTheLimit) {
  options.http.max_connections = 2;
  serve_names();
  RawClient one = connect();
  auto two = std::make_unique<RawClient>(loop, server->port());
  ASSERT_TRUE(run_until(loop, [&] { return server->connections() == 2; }));
  RawClient three = connect();
  const RawResponse refused = three.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has_line("Retry-After: 5"));
  EXPECT_TRUE(three.is_closed());
  two.reset();
  ASSERT_TRUE(run_until(loop, [&] { return server->connections() == 1; }));
  EXPECT_EQ(exchange(ask_name("a")).status, 200);
}

TEST(HttpAdmission, CountsByAddressExceptLoopback) {
  HttpAdmission admission({.max_connections = 5, .max_connections_per_address = 2});
  const auto address = [](const char* text) { return boost::asio::ip::make_address(text); };
  std::vector<HttpAdmission::Slot> slots;
  const auto admit = [&](const char* text) {
    auto slot = admission.admit(address(text));
    if (slot) slots.push_back(*std::move(slot));
    return slot.has_value();
  };
  EXPECT_TRUE(admit("192.0.2.1"));
  EXPECT_TRUE(admit("::ffff:192.0.2.1"));
  EXPECT_FALSE(admit("192.0.2.1"));
  EXPECT_TRUE(admit("2001:db8::1"));
  EXPECT_TRUE(admit("2001:db8::ffff"));
  EXPECT_FALSE(admit("2001:db8::2"));
  EXPECT_TRUE(admit("127.0.0.1"));
  EXPECT_FALSE(admit("::1")) << "the total counts for loopback, too";
  slots.clear();
  EXPECT_EQ(admission.connections(), 0u);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(admit("127.0.0.1"));
  EXPECT_FALSE(admit("2001:db9::1"));
}

// Takes descriptors until none is left.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 200);
    setrlimit(RLIMIT_NOFILE, &few);
    for (int fd = dup(0); fd >= 0; fd = dup(0)) taken_.push_back(fd);
  }
  ~NoDescriptors() {
    give_back();
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  void give_back() {
    for (int fd : std::exchange(taken_, {})) ::close(fd);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST_F(HttpServerTest, SurvivesRunningOutOfDescriptors) {
  serve_names();
  boost::asio::ip::tcp::socket early(loop);
  early.open(boost::asio::ip::tcp::v4());
  NoDescriptors none;
  early.connect({boost::asio::ip::address_v4::loopback(), server->port()});
  char byte;
  bool closed = false;
  early.async_read_some(boost::asio::buffer(&byte, 1),
                        [&](const auto& code, std::size_t) { closed = !!code; });
  EXPECT_TRUE(run_until(loop, [&] { return closed; })) << "the client is not left waiting";
  none.give_back();
  EXPECT_EQ(exchange(ask_name("a")).body, named("a")) << "and later ones are served";
}

TEST_F(HttpServerTest, ListensOnBothLoopbackAddresses) {
  options.host = "localhost";
  serve_names();
  EXPECT_EQ(exchange(ask_name("a")).status, 200);
  boost::asio::ip::tcp::socket six(loop);
  boost::system::error_code code;
  six.connect({boost::asio::ip::address_v6::loopback(), server->port()}, code);
  if (code == boost::system::errc::address_not_available) GTEST_SKIP() << "no IPv6 here";
  EXPECT_FALSE(code) << code.message();
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  serve_names();
  options.port = server->port();
  try {
    HttpServer(core, options, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "Cannot listen on 127.0.0.1:" + std::to_string(server->port()) +
                                   ": Address already in use");
  }
  options.host = "192.0.2.1";
  EXPECT_THROW(HttpServer(core, options, {}), Error);
}

// ---- The end

TEST_F(HttpServerTest, ClosingEndsEverything) {
  detail::Resolver slow;
  int disposed = 0;
  serve([&](const RequestInfo&) {
    return target({{"slow", [&](Array&) { return promise(slow.promise()); }}}, [&] { ++disposed; });
  });
  RawClient idle = connect();
  RawClient busy = connect();
  busy.send(post("[\"push\",[\"pipeline\",0,[\"slow\"],[]]]\n[\"pull\",1]"));
  loop.poll();
  server->close();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(busy.is_closed());
  EXPECT_EQ(disposed, 1);
  const std::weak_ptr<HttpServer> gone = server;
  server.reset();
  EXPECT_TRUE(run_until(loop, [&] { return gone.expired(); }));
}

TEST_F(HttpServerTest, DrainingFinishesWhatRuns) {
  detail::Resolver slow;
  bool called = false;
  serve([&](const RequestInfo&) {
    return target({{"slow", [&](Array&) {
                      called = true;
                      return promise(slow.promise());
                    }}});
  });
  RawClient idle = connect();
  RawClient busy = connect();
  busy.send(post("[\"push\",[\"pipeline\",0,[\"slow\"],[]]]\n[\"pull\",1]"));
  ASSERT_TRUE(run_until(loop, [&] { return called; }));
  bool drained = false;
  server->drain(std::chrono::seconds(30), [&] { drained = true; });
  EXPECT_TRUE(idle.is_closed());
  boost::asio::ip::tcp::socket late(loop);
  boost::system::error_code code;
  late.connect({boost::asio::ip::address_v4::loopback(), server->port()}, code);
  EXPECT_TRUE(code);
  EXPECT_FALSE(drained);
  slow.resolve(Value(1));
  const RawResponse response = busy.response();
  EXPECT_EQ(response.body, "[\"resolve\",1,1]");
  EXPECT_TRUE(response.has_line("Connection: close"));
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(run_until(loop, [&] { return drained; }));
}

TEST_F(HttpServerTest, DrainingLosesPatience) {
  detail::Resolver never;
  serve([&](const RequestInfo&) {
    return target({{"never", [&](Array&) { return promise(never.promise()); }}});
  });
  options.http.header_time = milliseconds(100);
  RawClient busy = connect();
  busy.send(post("[\"push\",[\"pipeline\",0,[\"never\"],[]]]\n[\"pull\",1]"));
  loop.poll();
  bool drained = false;
  server->drain(milliseconds(30), [&] { drained = true; });
  EXPECT_TRUE(run_until(loop, [&] { return drained; }));
  EXPECT_TRUE(busy.is_closed());
}

TEST_F(HttpServerTest, DrainingNothingIsDoneAtOnce) {
  serve_names();
  bool drained = false;
  server->drain(milliseconds(0), [&] { drained = true; });
  EXPECT_TRUE(run_until(loop, [&] { return drained; }));
}

}  // namespace
}  // namespace capnweb::testing
