// stream_exchanges_test.cpp: whole exchanges with streams, text for text as the reference makes
// them (X-15 to X-17, X-21 to X-24). Lines of the two sides that do not depend on each other may
// come in another order than in the recording.
#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>

#include "support/pair.hpp"
#include "support/start.hpp"

namespace capnweb::testing {
namespace {

class Streams {
 public:
  Generator<Value> log_lines() const {
    co_yield "a";
    const Value line(Object{{"n", 2}});
    co_yield line;
  }
  Task<std::string> fill(WritableStream<std::string> out) const {
    // Both are on their way before the first is acknowledged.
    auto x = out.write("x");
    auto y = out.write("y");
    co_await x;
    co_await y;
    co_await out.close();
    co_return "done";
  }
  double size(const Blob& blob) const { return static_cast<double>(blob.bytes.size()); }
  Task<std::string> text(Request request) const {
    co_return request.method + " " + co_await read_text(request.body);
  }
  Response resp() const {
    return {
        .status = 201, .headers = {{"content-type", "text/plain;charset=UTF-8"}}, .body = "abc"};
  }
  Task<std::string> first(ReadableStream<std::string> lines) const {
    auto line = co_await lines.read();
    lines.cancel(Error("enough"));
    co_return *line;
  }
  Task<std::string> each(WritableStream<int> numbers) const {
    auto one = numbers.write(1);
    auto two = numbers.write(2);
    auto closed = numbers.close();
    std::string failure = "none";
    try {
      co_await closed;
    } catch (const Error& error) {
      failure = error.message();
    }
    co_return failure;
  }

  struct Rpc {
    Method<&Streams::log_lines, "logLines"> log_lines;
    Method<&Streams::fill> fill;
    Method<&Streams::size> size;
    Method<&Streams::text> text;
    Method<&Streams::resp> resp;
    Method<&Streams::first> first;
    Method<&Streams::each> each;
  };
};

struct Exchange : Pair {
  Exchange() : Pair(Stub<Streams>(std::make_shared<Streams>())) {}

  // Runs a client to its end and gives what crossed.
  template <class Client>
  std::string run_client(Client client) {
    bool is_done = false;
    start(client(alice.remote_main().as<Streams>()), &is_done);
    run();
    EXPECT_TRUE(is_done);
    EXPECT_EQ(alice.stats(), (Session::Stats{1, 1}));
    EXPECT_EQ(bob.stats(), (Session::Stats{1, 1}));
    return take_log();
  }
};

TEST(Exchange, StreamAsAResult_X15_S11_S12) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    auto lines = co_await api->log_lines();
    const Value second(Object{{"n", 2}});
    EXPECT_EQ(*co_await lines.read(), Value("a"));
    EXPECT_EQ(*co_await lines.read(), second);
    EXPECT_FALSE(co_await lines.read());
  }),
            R"(> ["push",["pipeline",0,["logLines"],[]]]
> ["pull",1]
< ["pipe"]
< ["resolve",1,["readable",1]]
> ["release",1,1]
< ["stream",["pipeline",1,["write"],["a"]]]
> ["resolve",2,["undefined"]]
< ["stream",["pipeline",1,["write"],[{"n":2}]]]
> ["resolve",3,["undefined"]]
< ["stream",["pipeline",1,["close"],[]]]
> ["resolve",4,["undefined"]]
< ["release",1,1]
)");
}

TEST(Exchange, WritableStreamAsAnArgument_X16_S1_S2_S3) {
  Exchange exchange;
  std::vector<std::string> received;
  EXPECT_EQ(exchange.run_client([&received](Stub<Streams> api) -> Task<> {
    auto sink = make_sink<std::string>([&](std::string line) { received.push_back(line); });
    EXPECT_EQ(co_await api->fill(sink), "done");
  }),
            R"(> ["push",["pipeline",0,["fill"],[["writable",-1]]]]
> ["pull",1]
< ["stream",["pipeline",-1,["write"],["x"]]]
> ["resolve",1,["undefined"]]
< ["stream",["pipeline",-1,["write"],["y"]]]
> ["resolve",2,["undefined"]]
< ["stream",["pipeline",-1,["close"],[]]]
> ["resolve",3,["undefined"]]
< ["release",-1,1]
< ["resolve",1,"done"]
> ["release",1,1]
)");
  EXPECT_EQ(received, (std::vector<std::string>{"x", "y"}));
}

TEST(Exchange, BlobAsAnArgument_X17_S34) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    const Blob blob{"x/y", Bytes::from_text("hello")};
    EXPECT_EQ(co_await api->size(blob), 5);
  }),
            R"(> ["pipe"]
> ["push",["pipeline",0,["size"],[["blob","x/y",["readable",1]]]]]
> ["stream",["pipeline",1,["write"],[["bytes","aGVsbG8"]]]]
> ["stream",["pipeline",1,["close"],[]]]
> ["pull",2]
< ["resolve",3,["undefined"]]
< ["resolve",4,["undefined"]]
> ["release",1,1]
< ["resolve",2,5]
> ["release",2,1]
)");
}

TEST(Exchange, RequestWithABody_X21_S35) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    const Request request{.url = "http://h/p", .method = "POST", .body = "data"};
    EXPECT_EQ(co_await api->text(request), "POST data");
  }),
            R"(> ["pipe"]
> ["push",["pipeline",0,["text"],[["request","http://h/p",{"method":"POST","headers":[["content-type","text/plain;charset=UTF-8"]],"body":["readable",1],"duplex":"half"}]]]]
> ["stream",["pipeline",1,["write"],[["bytes","ZGF0YQ"]]]]
> ["stream",["pipeline",1,["close"],[]]]
> ["pull",2]
< ["resolve",3,["undefined"]]
< ["resolve",4,["undefined"]]
> ["release",1,1]
< ["resolve",2,"POST data"]
> ["release",2,1]
)");
}

TEST(Exchange, ResponseWithABody_X22_S35) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    const Response response = co_await api->resp();
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(co_await read_text(response.body), "abc");
  }),
            R"(> ["push",["pipeline",0,["resp"],[]]]
> ["pull",1]
< ["pipe"]
< ["resolve",1,["response",["readable",1],{"status":201,"headers":[["content-type","text/plain;charset=UTF-8"]]}]]
> ["release",1,1]
< ["stream",["pipeline",1,["write"],[["bytes","YWJj"]]]]
> ["resolve",2,["undefined"]]
< ["stream",["pipeline",1,["close"],[]]]
> ["resolve",3,["undefined"]]
< ["release",1,1]
)");
}

TEST(Exchange, ReaderCancels_X23_S18) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    auto [readable, writable] = make_pipe<std::string>();
    auto result = api->first(readable);
    readable = {};
    for (const char* text : {"a", "b", "c"}) writable.write(text).detach();
    writable.close().detach();
    EXPECT_EQ(co_await result, "a");
  }),
            R"(> ["pipe"]
> ["push",["pipeline",0,["first"],[["readable",1]]]]
> ["stream",["pipeline",1,["write"],["a"]]]
> ["stream",["pipeline",1,["write"],["b"]]]
> ["stream",["pipeline",1,["write"],["c"]]]
> ["stream",["pipeline",1,["close"],[]]]
> ["pull",2]
< ["resolve",3,["undefined"]]
< ["reject",4,["error","Error","enough"]]
> ["release",1,1]
< ["reject",5,["error","Error","enough"]]
< ["reject",6,["error","TypeError","Invalid state: WritableStream is closed",null,{"code":"ERR_INVALID_STATE"}]]
< ["resolve",2,"a"]
> ["release",2,1]
)");
}

TEST(Exchange, SinkFails_X24_S8) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Streams> api) -> Task<> {
    auto sink = make_sink<int>([](int number) {
      if (number == 2) throw Error::range_error("disk full");
    });
    auto result = api->each(sink);
    sink = {};
    EXPECT_EQ(co_await result, "disk full");
  }),
            R"(> ["push",["pipeline",0,["each"],[["writable",-1]]]]
> ["pull",1]
< ["stream",["pipeline",-1,["write"],[1]]]
> ["resolve",1,["undefined"]]
< ["stream",["pipeline",-1,["write"],[2]]]
> ["reject",2,["error","RangeError","disk full"]]
< ["stream",["pipeline",-1,["close"],[]]]
> ["reject",3,["error","TypeError","Invalid state: WritableStream is closed",null,{"code":"ERR_INVALID_STATE"}]]
< ["release",-1,1]
< ["resolve",1,"disk full"]
> ["release",1,1]
)");
}

}  // namespace
}  // namespace capnweb::testing
