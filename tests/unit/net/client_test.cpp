// The public client, against the public server and against servers that misbehave.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/loop_core.hpp"

namespace capnweb {
namespace {

using namespace std::chrono_literals;
using Tcp = boost::asio::ip::tcp;

struct Room {
  std::string name = "lobby";
  std::string title() const { return name; }
  struct Rpc {
    Method<&Room::title> title;
  };
};

struct Api {
  double add(double a, double b) const { return a + b; }
  std::shared_ptr<Room> room() const { return std::make_shared<Room>(); }
  Task<std::string> ask(Function<std::string(std::string)> callback) {
    co_return "heard " + co_await callback("hello");
  }
  Task<std::string> visit(Stub<Room> room) { co_return co_await room->title(); }
  Task<> wait_for_ever() {
    if (on_wait) on_wait();
    co_await sleep_for(24h);
  }

  struct Rpc {
    Method<&Api::add> add;
    Method<&Api::room> room;
    Method<&Api::ask> ask;
    Method<&Api::visit> visit;
    Method<&Api::wait_for_ever, "waitForEver"> wait_for_ever;
  };

  std::function<void()> on_wait;
  std::shared_ptr<bool> is_gone;
  ~Api() {
    if (is_gone) *is_gone = true;
  }
};

std::string ws_url(const Server& server) {
  return "ws://127.0.0.1:" + std::to_string(server.port()) + "/rpc";
}

// What a promise fails with.
template <class T>
Task<std::string> failure(Promise<T> promise) {
  try {
    co_await promise;
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "no failure";
}

class ClientTest : public ::testing::Test {
 public:
  ClientTest()
      : server(loop, {}, [this](const RequestInfo&) {
          auto api = std::make_shared<Api>();
          api->on_wait = on_wait;
          api->is_gone = is_gone;
          return api;
        }) {}

  // Runs a coroutine to its end on the test's loop.
  void play(Task<> task) { detail::run_until_done(loop, std::move(task)); }
  std::string url() const { return ws_url(server); }

  // Runs the loop until `done` says so; false after far longer than anything here takes.
  bool run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      loop.core()->own_context()->run_one_for(20ms);
    }
    return true;
  }

  std::function<void()> on_wait;
  std::shared_ptr<bool> is_gone = std::make_shared<bool>(false);
  Loop loop;
  Server server;
};

TEST_F(ClientTest, CallsMethods) {
  play([](std::string url) -> Task<> {
    auto api = co_await connect<Api>(url);
    EXPECT_EQ(co_await api->add(5, 3), 8);
    auto room = co_await api->room();
    EXPECT_EQ(co_await room->title(), "lobby");
  }(url()));
}

TEST_F(ClientTest, ADynamicStubReachesAnyName) {
  play([](std::string url) -> Task<> {
    auto api = co_await connect(url);
    EXPECT_EQ(co_await api.call<double>("add", 5, 3), 8);
    EXPECT_EQ(co_await failure(api.call("nope")), "TypeError: 'nope' is not a function.");
  }(url()));
}

TEST_F(ClientTest, CallsMayBeMadeBeforeTheConnectionStands_T19) {
  play([](std::string url) -> Task<> {
    const Promise<Stub<Api>> api = connect<Api>(url);
    auto first = api->add(1, 2);
    auto second = api->room()->title();
    EXPECT_EQ(co_await first, 3);
    EXPECT_EQ(co_await second, "lobby");

    Session session = connect_session(url);
    auto sum = session.remote_main().call<double>("add", 2, 2);
    EXPECT_EQ(co_await sum, 4);
  }(url()));
}

TEST_F(ClientTest, ASessionLivesAsLongAsAnythingThatCameOverIt) {
  play([](ClientTest& test) -> Task<> {
    auto room = co_await (co_await connect<Api>(test.url()))->room();
    EXPECT_EQ(co_await room->title(), "lobby");
    EXPECT_FALSE(*test.is_gone);
  }(*this));
  // The last stub is gone, and so is the session, on the server too.
  EXPECT_TRUE(run_until([&] { return *is_gone; }));
}

TEST_F(ClientTest, TheServerMayCallBack) {
  play([](std::string url) -> Task<> {
    auto api = co_await connect<Api>(url);
    const auto answer = [](const std::string& text) { return text + " you"; };
    auto heard = api->ask(answer);
    EXPECT_EQ(co_await heard, "heard hello you");
    auto room = std::make_shared<Room>();
    room->name = "mine";
    auto visited = api->visit(Stub<Room>(room));
    EXPECT_EQ(co_await visited, "mine");
  }(url()));
}

TEST_F(ClientTest, GetWaitsWhereThereIsNoCoroutine) {
  auto api = connect<Api>(loop, url()).get();
  EXPECT_EQ(api->add(5, 3).get(), 8);
}

TEST_F(ClientTest, HttpUrlsMakeABatch) {
  play([](Server& batches) -> Task<> {
    auto api = co_await connect<Api>(batches.url());
    auto sum = api->add(5, 3);
    auto title = api->room()->title();
    EXPECT_EQ(co_await sum, 8);
    EXPECT_EQ(co_await title, "lobby");
    ConnectOptions options;
    options.main = Stub<Room>(std::make_shared<Room>());
    EXPECT_EQ(co_await failure(connect<Api>(batches.url(), std::move(options))),
              "TypeError: ConnectOptions::main: an HTTP batch cannot be called back; connect with "
              "ws://");
  }(server));
}

TEST_F(ClientTest, TellsWhatIsWrongWithAUrl) {
  play([]() -> Task<> {
    const auto bad = co_await failure(connect("127.0.0.1:80"));
    EXPECT_TRUE(bad.starts_with("TypeError: Invalid URL '127.0.0.1:80'")) << bad;
    EXPECT_EQ(co_await failure(connect("wss://example.org/")),
              "TypeError: Cannot connect to 'wss://example.org/': this library has no TLS yet; use "
              "ws:// or a proxy that adds it");
    EXPECT_EQ(co_await failure(connect("https://example.org/rpc/wt?x=1")),
              "TypeError: Cannot connect to 'https://example.org/rpc/wt?x=1' without WebTransport: "
              "include <capnweb/webtransport.hpp> and link capnweb::webtransport");
    EXPECT_THROW(connect_session("nonsense"), Error);
  }());
}

TEST_F(ClientTest, TellsThatNobodyListens_T22) {
  std::string url;
  {
    Server gone(loop, {}, [] { return std::make_shared<Api>(); });
    url = ws_url(gone);
  }
  play([](std::string where) -> Task<> {
    const std::string why = co_await failure(connect<Api>(where));
    EXPECT_TRUE(why.starts_with("WebSocket connection failed. Cannot connect to 127.0.0.1:"))
        << why;
    EXPECT_TRUE(why.ends_with(" (Connection refused); does the server run?")) << why;
    // A call that was made meanwhile fails with the same.
    EXPECT_EQ(co_await failure(connect<Api>(where)->add(1, 2)), why);
  }(url));
}

TEST_F(ClientTest, TellsWhatTheServerAnswersInstead) {
  play([](ClientTest& test) -> Task<> {
    const std::string base = "ws://127.0.0.1:" + std::to_string(test.server.port());
    const std::string why = co_await failure(connect<Api>(base + "/elsewhere"));
    EXPECT_TRUE(why.starts_with("WebSocket connection failed. The server answered 404 Not Found"))
        << why;
  }(*this));
}

TEST_F(ClientTest, ASessionTellsWhyItBroke) {
  play([](ClientTest& test) -> Task<> {
    const std::string base = "ws://127.0.0.1:" + std::to_string(test.server.port());
    Session session = connect_session(base + "/elsewhere");
    std::string reason;
    const auto watch = session.on_broken([&](const Error& error) { reason = error.what(); });
    const std::string why = co_await failure(session.remote_main().call("add", 1, 2));
    EXPECT_EQ(why, reason);
    EXPECT_TRUE(why.starts_with("WebSocket connection failed. "));
  }(*this));
}

TEST_F(ClientTest, CallsFailWhenTheServerGoes_T21) {
  std::optional<Server> other(std::in_place, loop, ServerOptions{}, [this] {
    auto api = std::make_shared<Api>();
    api->on_wait = on_wait;
    return api;
  });
  on_wait = [&] { loop.post([&] { other.reset(); }); };
  play([](std::string url) -> Task<> {
    auto api = co_await connect<Api>(url);
    auto pending = api->wait_for_ever();
    const std::string why = co_await failure(pending);
    EXPECT_TRUE(why.starts_with("Peer closed WebSocket: 1001")) << why;
    EXPECT_EQ(co_await failure(api->add(1, 2)), why);
  }(ws_url(*other)));
}

TEST_F(ClientTest, SendsHeadersAndOffersSubprotocols) {
  std::string authorization;
  std::string offered;
  Server other(loop, {.subprotocols = {"two"}}, [&](const RequestInfo& request) {
    authorization = *request.headers.get("authorization");
    offered = *request.headers.get("sec-websocket-protocol");
    return std::make_shared<Api>();
  });
  play([](std::string url) -> Task<> {
    ConnectOptions options;
    options.headers.set("Authorization", "Bearer 1");
    options.subprotocols.push_back("one");
    options.subprotocols.push_back("two");
    auto api = co_await connect<Api>(url, std::move(options));
    EXPECT_EQ(co_await api->add(1, 2), 3);
  }(ws_url(other)));
  EXPECT_EQ(authorization, "Bearer 1");
  EXPECT_EQ(offered, "one, two");
}

TEST_F(ClientTest, ALetGoWhileConnectingEndsTheAttempt) {
  const std::string where = url();
  static_cast<void>(connect_session(loop, where));
  auto promise = connect<Api>(loop, where);
  promise = {};
  bool is_over = false;
  loop.spawn([](std::string u, bool& over) -> Task<> {
    co_await (co_await connect<Api>(u))->add(1, 2);
    over = true;
  }(where, is_over));
  EXPECT_TRUE(run_until([&] { return is_over && server.connections() == 0; }));
}

// One loop, one server and one client for each thread; for ThreadSanitizer.
TEST(ClientThreads, LoopsOnSeveralThreadsShareNothing) {
  const auto play = []() -> Task<> {
    Server server({}, [] { return std::make_shared<Api>(); });
    for (int i = 0; i < 20; ++i) {
      auto api = co_await connect<Api>(ws_url(server));
      EXPECT_EQ(co_await api->add(i, 1), i + 1);
      EXPECT_NE(co_await failure(connect<Api>(ws_url(server) + "/no")->add(1, 2)), "no failure");
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { run(play()); });
  for (auto& thread : threads) thread.join();
}

TEST_F(ClientTest, FindsServersByNameAndByIPv6) {
  std::optional<Server> both;
  try {
    both.emplace(loop, ServerOptions{.host = "localhost"}, [] { return std::make_shared<Api>(); });
  } catch (const Error&) {
    GTEST_SKIP() << "this machine does not know itself by name";
  }
  play([](std::uint16_t port) -> Task<> {
    const std::string end = ":" + std::to_string(port) + "/rpc";
    auto by_name = co_await connect<Api>("ws://localhost" + end);
    EXPECT_EQ(co_await by_name->add(1, 2), 3);
    const std::string six = co_await failure(connect<Api>("ws://[::1]" + end)->add(1, 2));
    EXPECT_TRUE(six == "no failure" || six.find("[::1]:") != six.npos) << six;
  }(both->port()));
}

// ---- Servers that misbehave

class MisbehavingServerTest : public ::testing::Test {
 public:
  MisbehavingServerTest() : acceptor(context(), {boost::asio::ip::address_v4::loopback(), 0}) {}

  boost::asio::io_context& context() { return *loop.core()->own_context(); }
  std::string url() const {
    return "ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
  }

  // Accepts one connection, reads the request's head, answers, and closes if told to.
  void answer(std::string text, bool closes) {
    acceptor.async_accept([this, text = std::move(text), closes](const auto&, Tcp::socket peer) {
      socket = std::make_unique<Tcp::socket>(std::move(peer));
      boost::asio::async_read_until(*socket, boost::asio::dynamic_buffer(request), "\r\n\r\n",
                                    [this, text, closes](const auto&, std::size_t) {
                                      boost::asio::write(*socket, boost::asio::buffer(text));
                                      if (closes) socket->close();
                                    });
    });
  }

  std::string failure_of_connect(std::chrono::milliseconds timeout = 10s) {
    std::string why;
    detail::run_until_done(
        loop,
        [](std::string where, std::chrono::milliseconds within, std::string& result) -> Task<> {
          ConnectOptions options;
          options.connect_timeout = within;
          result = co_await failure(connect<Api>(where, std::move(options)));
        }(url(), timeout, why));
    return why;
  }

  Loop loop;
  Tcp::acceptor acceptor;
  std::unique_ptr<Tcp::socket> socket;
  std::string request;
};

TEST_F(MisbehavingServerTest, AServerThatSaysNothing) {
  EXPECT_EQ(failure_of_connect(20ms), "WebSocket connection failed. No answer from " +
                                          url().substr(5, url().size() - 6) + " within 20 ms.");
}

TEST_F(MisbehavingServerTest, AServerThatHangsUp) {
  answer("", true);
  EXPECT_EQ(failure_of_connect(),
            "WebSocket connection failed. The server closed the connection without an answer.");
}

TEST_F(MisbehavingServerTest, AServerThatSpeaksSomethingElse) {
  answer("220 mail.example.org ESMTP\r\n\r\n", false);
  EXPECT_TRUE(failure_of_connect().starts_with(
      "WebSocket connection failed. The server's answer is not HTTP/1.1"));
}

TEST_F(MisbehavingServerTest, AServerThatAcceptsWithTheWrongKey) {
  answer(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
      false);
  EXPECT_EQ(failure_of_connect(),
            "WebSocket connection failed. The server's Sec-WebSocket-Accept is wrong; is a cache "
            "in between?");
}

TEST_F(MisbehavingServerTest, TheEndOfTheLoopEndsAnAttempt) {
  const Session session = connect_session(loop, url());
  auto promise = connect<Api>(loop, url());
  context().poll();
  // The rest is for the destructors.
}

}  // namespace
}  // namespace capnweb
