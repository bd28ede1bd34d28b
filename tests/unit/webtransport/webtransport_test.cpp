// The public API: a server's WebTransport entrance, and clients of it, over loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/loop_core.hpp"
#include "udp_relay.hpp"

namespace capnweb {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::UdpRelay;

struct Room {
  std::string title() const { return "lobby"; }
  struct Rpc {
    Method<&Room::title> title;
  };
};

struct Api {
  double add(double a, double b) const { return a + b; }
  std::shared_ptr<Room> room() const { return std::make_shared<Room>(); }
  std::string echo(std::string text) const { return text; }
  Task<std::string> ask(Function<std::string(std::string)> callback) {
    co_return "heard " + co_await callback("hello");
  }
  Task<std::string> wait() {
    if (on_wait) on_wait();
    co_await sleep_for(30ms);
    co_return "waited";
  }
  Task<> wait_for_ever() {
    if (on_wait) on_wait();
    co_await sleep_for(24h);
  }
  void fail() const { throw Error::type_error("no such luck"); }

  struct Rpc {
    Method<&Api::add> add;
    Method<&Api::room> room;
    Method<&Api::echo> echo;
    Method<&Api::ask> ask;
    Method<&Api::wait> wait;
    Method<&Api::wait_for_ever, "waitForEver"> wait_for_ever;
    Method<&Api::fail> fail;
  };

  std::function<void()> on_wait;
};

class WebTransportTest : public ::testing::Test {
 public:
  ConnectOptions options() const {
    return {.transport = webtransport({.certificate_hashes = {listener->certificate().hash()}})};
  }
  std::string url(std::string_view path = "/rpc/wt") const {
    return "https://127.0.0.1:" + std::to_string(listener->port()) + std::string(path);
  }
  void serve(ServerOptions server_options = {}, WebTransportListenerOptions listen = {}) {
    server.emplace(loop, std::move(server_options), [this](const RequestInfo& request) {
      requests.push_back(request);
      if (refuses) throw RequestRefused(403, "not you").header("x-why", why);
      auto api = std::make_shared<Api>();
      api->on_wait = on_wait;
      return api;
    });
    listener.emplace(*server, std::move(listen));
  }
  // Runs a coroutine to its end.
  void run(Task<> task) { detail::run_until_done(loop, std::move(task)); }

  // The error that connecting ends with.
  std::string failure(std::string where, ConnectOptions how) {
    std::string message = "connected";
    run([](std::string to, ConnectOptions with, std::string& result) -> Task<> {
      try {
        co_await connect<Api>(to, with);
      } catch (const Error& error) {
        result = error.message();
      }
    }(std::move(where), std::move(how), message));
    return message;
  }

  Loop loop;
  std::optional<Server> server;
  std::optional<WebTransportListener> listener;
  std::vector<RequestInfo> requests;
  bool refuses = false;
  std::string why = "never";
  std::function<void()> on_wait;
};

Task<> call_everything(std::string url, ConnectOptions options) {
  auto api = co_await connect<Api>(url, options);
  EXPECT_EQ(co_await api->add(2, 3), 5);
  EXPECT_EQ(co_await api->room()->title(), "lobby");
  Function<std::string(std::string)> callback([](std::string text) { return text + "!"; });
  EXPECT_EQ(co_await api->ask(callback), "heard hello!");
  const std::string large(1024 * 1024, 'x');
  const std::string back = co_await api->echo(large);
  EXPECT_TRUE(back == large);
  std::string failure;
  try {
    co_await api->fail();
  } catch (const Error& error) {
    failure = error.what();
  }
  EXPECT_EQ(failure, "TypeError: no such luck");
}

TEST_F(WebTransportTest, CallsAndIsCalledBack) {
  serve();
  run(call_everything(url(), options()));
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].path(), "/rpc/wt");
  EXPECT_EQ(requests[0].peer_address, "127.0.0.1");
  EXPECT_NE(requests[0].peer_port, 0);
  EXPECT_TRUE(requests[0].is_webtransport);
  EXPECT_FALSE(requests[0].is_websocket);
}

TEST_F(WebTransportTest, IsReachedByNameAndByBothAddresses) {
  serve({.host = "localhost"});
  EXPECT_EQ(listener->url(), "https://localhost:" + std::to_string(listener->port()) + "/rpc/wt");
  for (const std::string host : {"localhost", "127.0.0.1", "[::1]"})
    run(call_everything(
        "https://" + host + ":" + std::to_string(listener->port()) + "/rpc?x=" + host, options()));
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[2].query(), "x=[::1]");
}

TEST_F(WebTransportTest, SharesItsServerWithTheOtherTransports) {
  serve();
  run([](std::string over_tcp, std::string over_udp, ConnectOptions with) -> Task<> {
    // One set of options: the URL chooses.
    auto ws = co_await connect<Api>("ws" + over_tcp.substr(4), with);
    auto wt = co_await connect<Api>(over_udp, with);
    EXPECT_EQ(co_await ws->add(1, 2), 3);
    EXPECT_EQ(co_await wt->add(1, 2), 3);
    // A stub of one session goes over another.
    auto title = co_await wt->room();
    EXPECT_EQ(co_await title->title(), "lobby");
  }(server->url(), url(), options()));
  EXPECT_EQ(requests.size(), 2U);
}

TEST_F(WebTransportTest, ManyCallsAtOnceAndInOrder) {
  serve();
  run([](std::string to, ConnectOptions with) -> Task<> {
    auto api = co_await connect<Api>(to, with);
    std::vector<Promise<double>> sums;
    for (int i = 0; i < 10'000; ++i) sums.push_back(api->add(i, 1));
    for (int i = 0; i < 10'000; ++i) {
      const double sum = co_await std::move(sums[static_cast<std::size_t>(i)]);
      EXPECT_EQ(sum, i + 1);
    }
  }(url(), options()));
}

TEST_F(WebTransportTest, WorksOnABadNetwork) {
  serve();
  UdpRelay relay(loop.core(), listener->port(),
                 {.loss = 0.05, .reordering = 0.02, .delay = 20ms, .seed = 3});
  run(call_everything("https://127.0.0.1:" + std::to_string(relay.port()) + "/rpc/wt", options()));
  EXPECT_GT(relay.dropped(), 10U);
}

// ---- Refusals, each by its own words

TEST_F(WebTransportTest, ARefusedSessionSaysWhy) {
  serve();
  refuses = true;
  EXPECT_EQ(failure(url(), options()),
            "WebTransport connection failed. The server answered 403: not you");
  refuses = false;
  EXPECT_EQ(failure(url("/elsewhere"), options()),
            "WebTransport connection failed. The server answered 404: There is nothing here; this "
            "server answers at /rpc/wt.");
  EXPECT_EQ(failure(url(), options()), "connected");
}

TEST_F(WebTransportTest, ARefusalThatCannotBeSentIsTheServersFailure) {
  serve();
  refuses = true;
  why = "you\r\nset-cookie: a";
  EXPECT_EQ(failure(url(), options()),
            "WebTransport connection failed. The server answered 500: The server failed to open a "
            "session.");
  refuses = false;
  EXPECT_EQ(failure(url(), options()), "connected");
}

TEST_F(WebTransportTest, PagesOfOtherOriginsAreRefused) {
  serve({.origins = {"https://app.example"}});
  const auto from = [this](std::string origin) {
    ConnectOptions with = options();
    with.headers.set("origin", origin);
    return failure(url(), with);
  };
  EXPECT_THAT(from("https://evil.example"),
              HasSubstr("The server answered 403: origin not allowed: https://evil.example"));
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(from("https://app.example"), "connected");
  // Its own pages, which the TCP port serves.
  EXPECT_EQ(from("http://127.0.0.1:" + std::to_string(server->port())), "connected");
  EXPECT_EQ(from("https://127.0.0.1:" + std::to_string(listener->port())), "connected");
  EXPECT_THAT(from("http://127.0.0.1:1"), HasSubstr("403"));
}

TEST_F(WebTransportTest, NamesThatOnlyPointHereAreRefused) {
  serve();
  ConnectOptions with = options();
  with.headers.set("host", "rebound.example");
  EXPECT_THAT(failure(url(), with), HasSubstr("The server answered 421: host not allowed"));
}

TEST_F(WebTransportTest, AWrongCertificateIsRefused) {
  serve();
  const ConnectOptions pinned{
      .transport = webtransport({.certificate_hashes = {Certificate::self_signed().hash()}})};
  EXPECT_EQ(failure(url(), pinned),
            "WebTransport connection failed. The server's certificate is not the expected one: its "
            "hash is " +
                listener->certificate().hash().to_hex() + ".");
  EXPECT_THAT(failure(url(), {.transport = webtransport()}),
              HasSubstr("certificate is not trusted for 127.0.0.1"));
}

TEST_F(WebTransportTest, AHostThatIsNotThereIsNamed) {
  serve();
  boost::asio::ip::udp::socket unused(loop.core()->executor(),
                                      {boost::asio::ip::address_v4::loopback(), 0});
  const std::string port = std::to_string(unused.local_endpoint().port());
  ConnectOptions with = options();
  with.connect_timeout = 300ms;
  // Somebody is there who does not answer.
  EXPECT_THAT(failure("https://127.0.0.1:" + port + "/wt", with),
              AllOf(HasSubstr("127.0.0.1:" + port), HasSubstr("WebTransport connection failed.")));
  unused.close();
  with.connect_timeout = 10s;
  EXPECT_EQ(failure("https://127.0.0.1:" + port + "/wt", with),
            "WebTransport connection failed. Cannot connect to 127.0.0.1:" + port +
                " (Nobody listens there.); does the server run, and does UDP get there?");
  EXPECT_THAT(failure("https://nowhere.invalid/wt", with), HasSubstr("cannot be looked up"));
}

// No label of a name has so many letters: TLS cannot be set up for it.
TEST_F(WebTransportTest, NamesThatTlsCannotSayFailTheConnection) {
  EXPECT_THAT(failure("https://" + std::string(300, 'a') + ".localhost:1/wt", {}),
              StartsWith("WebTransport connection failed. "));
}

// With what the system trusts, which is not a certificate of ours.
TEST_F(WebTransportTest, UrlsWithItsPathNeedNoTransport) {
  serve();
  EXPECT_THAT(failure(url(), {}),
              AllOf(StartsWith("WebTransport connection failed. The server's certificate"),
                    HasSubstr("is not trusted for 127.0.0.1")));
  EXPECT_THAT(failure(url("/rpc/wt?room=1"), {}), HasSubstr("is not trusted for 127.0.0.1"));
  EXPECT_THAT(failure(url("/rpc"), {}), HasSubstr("this library has no TLS yet"));
}

TEST_F(WebTransportTest, TheFileOfAnAuthorityIsTrusted) {
  std::string folder = ::testing::TempDir() + "capnweb-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::filesystem::path file = std::filesystem::path(folder) / "ca.pem";
  serve();
  listener->certificate().save(file, std::filesystem::path(folder) / "key.pem");
  EXPECT_EQ(failure(url(), {.transport = webtransport({.ca_file = file})}), "connected");
  std::filesystem::remove_all(folder);
  std::string message;
  try {
    webtransport({.ca_file = file});
  } catch (const Error& error) {
    message = error.message();
  }
  EXPECT_THAT(message, HasSubstr("ca.pem"));
}

TEST_F(WebTransportTest, NewConnectionsGetTheNewCertificate) {
  serve();
  const ConnectOptions before = options();
  run([](WebTransportTest& test, ConnectOptions old, WebTransportListener& at,
         std::string to) -> Task<> {
    auto api = co_await connect<Api>(to, old);
    at.set_certificate(Certificate::self_signed());
    EXPECT_EQ(co_await api->add(1, 2), 3);
    auto again = co_await connect<Api>(to, test.options());
    EXPECT_EQ(co_await again->add(1, 2), 3);
  }(*this, before, *listener, url()));
  EXPECT_THAT(failure(url(), before), HasSubstr("not the expected one"));
}

// ---- The end

TEST_F(WebTransportTest, LettingGoOfTheLastStubEndsTheConnection) {
  serve();
  run([](std::string to, ConnectOptions with, WebTransportListener& at) -> Task<> {
    {
      auto api = co_await connect<Api>(to, with);
      EXPECT_EQ(co_await api->add(1, 2), 3);
      EXPECT_EQ(at.connections(), 1U);
    }
    while (at.connections() > 0) co_await sleep_for(1ms);
  }(url(), options(), *listener));
}

TEST_F(WebTransportTest, AServerThatGoesSaysSo) {
  serve();
  std::string reason;
  on_wait = [this] { loop.post([this] { listener.reset(); }); };
  run([](std::string to, ConnectOptions with, std::string& result) -> Task<> {
    auto api = co_await connect<Api>(to, with);
    try {
      co_await api->wait_for_ever();
    } catch (const Error& error) {
      result = error.message();
    }
  }(url(), options(), reason));
  EXPECT_EQ(reason, "Peer closed WebTransport: 503 The server is shutting down.");
}

TEST_F(WebTransportTest, ADrainLetsCallsEnd) {
  serve();
  std::string answer;
  std::string ending;
  Session session = connect_session(loop, url(), options());
  on_wait = [this] {
    loop.post(
        [this] { loop.spawn([](Server& at) -> Task<> { co_await at.drain(10s); }(*server)); });
  };
  run([](Session& over, std::string& result, std::string& reason) -> Task<> {
    auto waited = over.remote_main()["wait"];
    const Value value = co_await waited();
    result = value.get<std::string>();
    while (!over.end_reason()) co_await sleep_for(1ms);
    reason = over.end_reason()->message();
  }(session, answer, ending));
  EXPECT_EQ(answer, "waited");
  EXPECT_EQ(ending, "Peer closed WebTransport: 503 The server is restarting.");
}

TEST_F(WebTransportTest, AClosedServerClosesItsEntrances) {
  serve();
  Session session = connect_session(loop, url(), options());
  run([](Session& over, std::optional<Server>& at) -> Task<> {
    auto sum = over.remote_main()["add"];
    const Value value = co_await sum(1, 2);
    EXPECT_EQ(value.get<double>(), 3);
    at.reset();
    while (!over.end_reason()) co_await sleep_for(1ms);
  }(session, server));
  EXPECT_EQ(session.end_reason()->message(),
            "Peer closed WebTransport: 503 The server is shutting down.");
}

TEST_F(WebTransportTest, AnAbortArrivesWithItsReason) {
  serve();
  std::string reason;
  ConnectOptions with = options();
  Session session = connect_session(loop, url(), with);
  run([](Session& over) -> Task<> {
    auto sum = over.remote_main()["add"];
    const Value value = co_await sum(1, 2);
    // A breach of the protocol, seen here.
    over.receive("[\"nonsense\"]");
    while (!over.end_reason()) co_await sleep_for(1ms);
  }(session));
  EXPECT_NE(session.end_reason(), nullptr);
}

TEST_F(WebTransportTest, ALoopThatEndsLeavesNothingBehind) {
  auto own = std::make_unique<Loop>();
  auto at = std::make_unique<Server>(*own, ServerOptions{}, [] { return std::make_shared<Api>(); });
  auto entrance = std::make_unique<WebTransportListener>(*at);
  Session session = connect_session(
      *own, "https://127.0.0.1:" + std::to_string(entrance->port()) + "/rpc/wt",
      {.transport = webtransport({.certificate_hashes = {entrance->certificate().hash()}})});
  detail::run_until_done(*own, [](Session& over) -> Task<> {
    auto sum = over.remote_main()["add"];
    const Value value = co_await sum(1, 2);
    EXPECT_EQ(value.get<double>(), 3);
  }(session));
  own.reset();
  ASSERT_NE(session.end_reason(), nullptr);
  EXPECT_EQ(session.end_reason()->message(),
            "WebTransport connection failed. Its event loop has ended.");
}

}  // namespace
}  // namespace capnweb
