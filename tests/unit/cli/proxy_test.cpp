#include "cli/proxy.hpp"

#include <gtest/gtest.h>

#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace capnweb {
namespace {

struct Calculator {
  double add(double a, double b) const { return a + b; }
  Task<std::string> ask(Function<std::string()> name) { co_return "Hello " + co_await name(); }
  struct Rpc {
    Method<&Calculator::add> add;
    Method<&Calculator::ask> ask;
  };
};

// A server, its last session, and the promise of why that has ended.
struct Upstream {
  Server server{{}, [this](const RequestInfo&, const Session& session) {
                  last = session;
                  auto [promise, resolver] = make_promise<std::string>();
                  ended = promise;
                  auto shared = std::make_shared<PromiseResolver<std::string>>(std::move(resolver));
                  watch = last->on_broken([shared](const Error& reason) {
                    shared->resolve(std::string(reason.what()));
                  });
                  return std::make_shared<Calculator>();
                }};
  std::optional<Session> last;
  Promise<std::string> ended;
  std::shared_ptr<void> watch;
  std::string ws() const { return "ws://127.0.0.1:" + std::to_string(server.port()) + "/rpc"; }
};

std::string url_of(const Proxy& proxy, std::string_view scheme) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(proxy.port()) + "/rpc";
}

TEST(Proxy, LetsGoOfBothSessionsWhenTheClientGoes) {
  run([]() -> Task<> {
    Upstream upstream;
    Proxy proxy(Loop::current(), {.upstream = upstream.ws()});
    {
      auto api = co_await connect<Calculator>(url_of(proxy, "ws"));
      auto sum = api->add(5, 3);
      EXPECT_EQ(co_await sum, 8);
      std::string name = "Ada";
      auto answer = api->ask([&name] { return name; });
      EXPECT_EQ(co_await answer, "Hello Ada");
      EXPECT_EQ(proxy.links(), 1u);
    }
    EXPECT_EQ(co_await upstream.ended,
              "Peer closed WebSocket: 3000 RPC session was shut down by disposing the main stub");
    EXPECT_EQ(proxy.links(), 0u);
  }());
}

TEST(Proxy, TellsTheClientWhyTheUpstreamHasGone_C37) {
  run([]() -> Task<> {
    Upstream upstream;
    Proxy proxy(Loop::current(), {.upstream = upstream.ws()});
    auto api = co_await connect<Calculator>(url_of(proxy, "ws"));
    auto sum = api->add(5, 3);
    co_await sum;
    auto [broken, resolver] = make_promise<std::string>();
    const auto watch =
        api.on_broken([&](const Error& reason) { resolver.resolve(std::string(reason.what())); });
    upstream.last->abort(Error::range_error("Closing time."));
    EXPECT_EQ(co_await broken, "RangeError: Closing time.");
    EXPECT_EQ(proxy.links(), 0u);
  }());
}

TEST(Proxy, EndsWithItsClients) {
  run([]() -> Task<> {
    Upstream upstream;
    std::optional<Proxy> proxy;
    proxy.emplace(Loop::current(), ProxyOptions{.upstream = upstream.ws()});
    auto api = co_await connect<Calculator>(url_of(*proxy, "ws"));
    auto sum = api->add(5, 3);
    co_await sum;
    proxy.reset();
    EXPECT_NE(co_await upstream.ended, "");
  }());
}

TEST(Proxy, RelaysBatches) {
  run([]() -> Task<> {
    Upstream upstream;
    Proxy one(Loop::current(), {.takes_batches = true, .upstream = upstream.ws()});
    Proxy other(Loop::current(), {.takes_batches = true, .upstream = upstream.server.url()});
    for (const Proxy* proxy : {&one, &other}) {
      auto api = co_await connect<Calculator>(url_of(*proxy, "http"));
      auto sum = api->add(5, 3);
      auto total = api->add(sum, 1);
      EXPECT_EQ(co_await total, 9);
      EXPECT_EQ(proxy->links(), 0u);
    }
  }());
}

}  // namespace
}  // namespace capnweb
