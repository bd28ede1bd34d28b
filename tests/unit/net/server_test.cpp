// The public server: factories, both transports on one path, and the end.
#include <gtest/gtest.h>

#include <capnweb/batch.hpp>
#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/awaited.hpp"
#include "support/object.hpp"
#include "unit/net/http_raw_client.hpp"

namespace capnweb::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Calculator {
  explicit Calculator(std::string name = "") : name_(std::move(name)) {}
  ~Calculator() {
    if (on_end) on_end();
  }
  double add(double a, double b) const { return a + b; }
  std::string name() const { return name_; }
  Task<std::string> wait() {
    if (on_wait) on_wait();
    co_await sleep_for(milliseconds(30));
    co_return "waited";
  }
  Task<> wait_for_ever() {
    for (;;) co_await sleep_for(seconds(10));
  }

  struct Rpc {
    Method<&Calculator::add> add;
    Method<&Calculator::name> name;
    Method<&Calculator::wait> wait;
    Method<&Calculator::wait_for_ever, "waitForEver"> wait_for_ever;
  };

  std::function<void()> on_end;
  std::function<void()> on_wait;

 private:
  std::string name_;
};

std::string batch_url(const Server& server) { return server.url(); }
std::string ws_url(const Server& server, std::string_view path = "/rpc") {
  return "ws://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

Task<std::string> name_over(std::string url) {
  auto api = co_await connect<Calculator>(url);
  co_return co_await api->name();
}

// ---- Factories

// What a client finds behind a factory.
template <class F>
std::string name_behind(F factory) {
  Loop loop;
  Server server(loop, {}, std::move(factory));
  std::string name;
  loop.spawn([](Loop& inner, Server& at, std::string& result) -> Task<> {
    result = co_await name_over(ws_url(at)) + " " + co_await name_over(batch_url(at));
    inner.stop();
  }(loop, server, name));
  loop.run();
  return name;
}

TEST(Server, TakesFactoriesOfEveryKindOfTarget) {
  EXPECT_EQ(name_behind([] { return std::make_shared<Calculator>("shared"); }), "shared shared");
  EXPECT_EQ(name_behind([](const RequestInfo&) { return std::make_unique<Calculator>("unique"); }),
            "unique unique");
  const Stub<Calculator> one = std::make_shared<Calculator>("stub");
  EXPECT_EQ(name_behind([one](const RequestInfo&) { return one; }), "stub stub");
  EXPECT_EQ(name_behind([](const RequestInfo& request) {
              return std::make_shared<Calculator>(request.is_websocket ? "ws" : "batch");
            }),
            "ws batch");
  EXPECT_EQ(name_behind(SessionFactory([](const RequestInfo&, const Session&) -> Value {
              return Stub<Calculator>(std::make_shared<Calculator>("value"));
            })),
            "value value");
}

TEST(Server, TakesTheLoopThatRunsTheCode) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              Server server({}, [] { return std::make_shared<Calculator>("here"); });
              co_return co_await name_over(ws_url(server));
            }()),
            "here");
}

TEST(Server, SaysItsUrl) {
  Loop loop;
  Server server(loop, {.path = "/api"}, [] { return std::make_shared<Calculator>(); });
  EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()) + "/api");
  Server any(loop, {.host = "0.0.0.0"}, [] { return std::make_shared<Calculator>(); });
  EXPECT_EQ(any.url(), "http://localhost:" + std::to_string(any.port()) + "/rpc");
}

TEST(Server, MayShareItsPort) {
  Loop loop;
  Loop other;
  const auto factory = [] { return std::make_shared<Calculator>(); };
  Server first(loop, {.reuse_port = true}, factory);
  EXPECT_NO_THROW(Server(other, {.port = first.port(), .reuse_port = true}, factory));
  EXPECT_THROW(Server(other, {.port = first.port()}, factory), Error);
}

TEST(Server, MayBeMoved) {
  Loop loop;
  Server server(loop, {}, [] { return std::make_shared<Calculator>("first"); });
  Server moved(std::move(server));
  server = Server(loop, {}, [] { return std::make_shared<Calculator>("second"); });
  EXPECT_NE(server.port(), moved.port());
  server = std::move(moved);
  EXPECT_NE(server.port(), 0);
}

TEST(Server, LivesOnTheCallersContext) {
  boost::asio::io_context context;
  Loop loop = make_loop(context.get_executor());
  Server server(loop, {}, [] { return std::make_shared<Calculator>("guest"); });
  std::string name;
  loop.spawn([](Server& at, std::string& result) -> Task<> {
    result = co_await name_over(ws_url(at)) + " " + co_await name_over(batch_url(at));
  }(server, name));
  EXPECT_TRUE(run_until(context, [&] { return !name.empty(); }));
  EXPECT_EQ(name, "guest guest");
}

// ---- WebSockets

class ServerTest : public HttpFixture {
 protected:
  void serve_calculator() {
    serve([this](const RequestInfo& request) {
      last_request = request;
      auto object = std::make_shared<Calculator>("x");
      object->on_end = [this] { ++disposed; };
      object->on_wait = [this] { ++waits; };
      return Value(Stub<Calculator>(std::move(object)));
    });
  }
  static std::string upgrade(std::string_view headers = {}, std::string_view path = "/rpc") {
    return get(path,
               "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                   std::string(headers));
  }
  // A short text frame as a client sends it, masked with zeroes.
  static std::string frame(std::string_view text) {
    return std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') +
           std::string(text);
  }
  std::string call_add() {
    return frame(R"(["push",["pipeline",0,["add"],[1,2]]])") + frame(R"(["pull",1])");
  }
  // What a frame of the server holds.
  static std::string text_of(RawClient& client) {
    const std::string head = client.bytes(2);
    return head.size() < 2 ? "" : client.bytes(static_cast<unsigned char>(head[1]));
  }
  // The code of the close frame that comes next.
  static int close_code(RawClient& client) {
    const std::string head = client.bytes(2);
    if (head.size() < 2 || head[0] != '\x88') return -1;
    const std::string body = client.bytes(static_cast<unsigned char>(head[1]));
    return static_cast<unsigned char>(body[0]) << 8 | static_cast<unsigned char>(body[1]);
  }

  RequestInfo last_request;
  int disposed = 0;
  int waits = 0;
};

TEST_F(ServerTest, UpgradesOnTheSamePath) {
  serve_calculator();
  for (const char* path : {"/rpc", "/rpc/ws"}) {
    RawClient client = connect();
    const RawResponse response = client.exchange(upgrade("X-Token: t\r\n", path));
    EXPECT_EQ(response.status, 101);
    EXPECT_TRUE(response.has_line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        << response.head;
    client.send(call_add());
    EXPECT_EQ(text_of(client), R"(["resolve",1,3])");
    EXPECT_TRUE(last_request.is_websocket);
    EXPECT_EQ(*last_request.headers.get("x-token"), "t");
  }
}

TEST_F(ServerTest, TakesFramesThatCameWithTheHandshake) {
  serve_calculator();
  RawClient client = connect();
  client.send(upgrade() + call_add());
  EXPECT_EQ(client.response().status, 101);
  EXPECT_EQ(text_of(client), R"(["resolve",1,3])");
}

TEST_F(ServerTest, UpgradesAConnectionThatCarriedBatches) {
  serve_calculator();
  RawClient client = connect();
  // The last batch is answered while the upgrade and a call already wait behind it.
  const std::string slow = post("[\"push\",[\"pipeline\",0,[\"wait\"],[]]]\n[\"pull\",1]");
  client.send(post("") + slow + upgrade() + call_add());
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(client.response().body, R"(["resolve",1,"waited"])");
  EXPECT_EQ(client.response().status, 101);
  EXPECT_EQ(text_of(client), R"(["resolve",1,3])");
}

TEST_F(ServerTest, RefusesBadHandshakes) {
  serve_calculator();
  const RawResponse old = exchange(get("/rpc",
                                       "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                       "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: "
                                       "dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_EQ(old.status, 426);
  EXPECT_TRUE(old.has_line("Sec-WebSocket-Version: 13"));
  EXPECT_EQ(exchange(get("/rpc",
                         "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                         "Sec-WebSocket-Version: 13\r\n"))
                .status,
            400);
  EXPECT_EQ(exchange(upgrade("Origin: http://evil.example\r\n")).status, 403);
  EXPECT_EQ(last_request.method, "") << "the factory was not asked";
}

TEST_F(ServerTest, TakesSubprotocolsItKnows) {
  options.subprotocols = {"capnweb"};
  serve_calculator();
  EXPECT_TRUE(exchange(upgrade("Sec-WebSocket-Protocol: x, capnweb\r\n"))
                  .has_line("Sec-WebSocket-Protocol: capnweb"));
  EXPECT_EQ(exchange(upgrade("Sec-WebSocket-Protocol: x\r\n")).head.find("Sec-WebSocket-Protocol"),
            std::string::npos);
}

TEST_F(ServerTest, TheFactoryMayRefuseAWebSocket) {
  serve([](const RequestInfo&) -> Value { throw RequestRefused(401, "no"); });
  const RawResponse refused = exchange(upgrade());
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "no");
}

TEST_F(ServerTest, CountsWebSocketsAmongItsConnections) {
  options.http.max_connections = 1;
  serve_calculator();
  {
    RawClient client = connect();
    EXPECT_EQ(client.exchange(upgrade()).status, 101);
    EXPECT_EQ(server->connections(), 1u);
    EXPECT_EQ(connect().response().status, 503);
  }
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
  EXPECT_EQ(disposed, 1);
  EXPECT_EQ(exchange(post("")).status, 200);
}

// ---- The end

TEST_F(ServerTest, ClosingTellsWebSockets) {
  serve_calculator();
  RawClient client = connect();
  EXPECT_EQ(client.exchange(upgrade()).status, 101);
  server->close();
  EXPECT_EQ(disposed, 1);
  EXPECT_EQ(close_code(client), 1001);
}

TEST_F(ServerTest, DrainingLetsCallsOfWebSocketsFinish) {
  serve_calculator();
  RawClient idle = connect();
  RawClient busy = connect();
  EXPECT_EQ(idle.exchange(upgrade()).status, 101);
  EXPECT_EQ(busy.exchange(upgrade()).status, 101);
  busy.send(frame(R"(["push",["pipeline",0,["wait"],[]]])") + frame(R"(["pull",1])"));
  ASSERT_TRUE(run_until(loop, [&] { return waits == 1; }));
  bool drained = false;
  server->drain(seconds(30), [&] { drained = true; });
  EXPECT_EQ(close_code(idle), 1012);
  EXPECT_FALSE(drained);
  EXPECT_EQ(text_of(busy), R"(["resolve",1,"waited"])");
  EXPECT_EQ(close_code(busy), 1012);
  idle.close();
  busy.close();
  EXPECT_TRUE(run_until(loop, [&] { return drained; }));
}

TEST_F(ServerTest, DrainingClosesWhatDoesNotFinish) {
  serve_calculator();
  RawClient busy = connect();
  EXPECT_EQ(busy.exchange(upgrade()).status, 101);
  busy.send(frame(R"(["push",["pipeline",0,["waitForEver"],[]]])") + frame(R"(["pull",1])"));
  loop.poll();
  bool drained = false;
  server->drain(milliseconds(20), [&] { drained = true; });
  EXPECT_EQ(close_code(busy), 1012);
  busy.close();
  EXPECT_TRUE(run_until(loop, [&] { return drained; }));
}

Task<> wait_at(Stub<Calculator> api, std::string& result) {
  auto waiting = api->wait();
  result = co_await waiting;
}

TEST(Server, DrainsByCoroutine) {
  const std::string result = run([]() -> Task<std::string> {
    auto server =
        std::make_unique<Server>(ServerOptions{}, [] { return std::make_shared<Calculator>(); });
    auto api = co_await connect<Calculator>(ws_url(*server));
    std::string text;
    Loop::current().spawn(wait_at(api, text));
    co_await sleep_for(milliseconds(0));
    auto sum = api->add(1, 2);
    co_await sum;  // so the server has both calls
    co_await server->drain();
    try {
      auto late = api->add(1, 2);
      co_await late;
    } catch (const Error& error) {
      text += std::string(", ") + error.what();
    }
    co_return text;
  }());
  EXPECT_EQ(result.find("waited, Peer closed WebSocket: 1012"), 0u) << result;
}

TEST(Server, MayBeDestroyedWhileItDrains) {
  Loop loop;
  std::optional<Server> server;
  server.emplace(loop, ServerOptions{}, [] { return std::make_shared<Calculator>(); });
  bool finished = false;
  loop.spawn([](Loop& inner, std::optional<Server>& at, bool& done) -> Task<> {
    auto api = co_await connect<Calculator>(ws_url(*at));
    auto never = api->wait_for_ever();
    auto sum = api->add(1, 2);
    co_await sum;
    inner.post([&at] { at.reset(); });
    co_await at->drain();
    done = true;
    inner.stop();
  }(loop, server, finished));
  loop.run();
  EXPECT_TRUE(finished);
}

TEST(Server, ALoopThatEndsTakesItsServersConnectionsAlong) {
  int disposed = 0;
  std::optional<Server> server;
  {
    Loop loop;
    server.emplace(loop, ServerOptions{}, [&] {
      auto object = std::make_shared<Calculator>();
      object->on_end = [&] { ++disposed; };
      return object;
    });
    loop.spawn([](Loop& inner, Server& at) -> Task<> {
      auto api = co_await connect<Calculator>(ws_url(at));
      auto sum = api->add(1, 2);
      co_await sum;
      inner.stop();
      co_await sleep_for(seconds(1000));
    }(loop, *server));
    loop.run();
    EXPECT_EQ(disposed, 0);
  }
  EXPECT_EQ(disposed, 1);
}

}  // namespace
}  // namespace capnweb::testing
