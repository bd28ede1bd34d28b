// Batches over real connections, by a client that writes the protocol by hand.
#include <gtest/gtest.h>

#include <capnweb/detail/resolver.hpp>

#include "support/object.hpp"
#include "unit/net/http_raw_client.hpp"

namespace capnweb::testing {
namespace {

class HttpBatchTest : public HttpFixture {
 protected:
  // A main object with add(), a slow() that is answered by hand, and a note of its end.
  void serve_calculator() {
    serve([this](const RequestInfo& request) {
      ++sessions;
      last_request = request;
      return target(
          {{"add", [](Array& a) { return Value(a.at(0).get<double>() + a.at(1).get<double>()); }},
           {"slow",
            [this](Array&) {
              slow.emplace_back();
              return promise(slow.back().promise());
            }},
           {"fail", [](Array&) -> Value { throw Error::range_error("bad"); }},
           {"callLater",
            [](Array& a) {
              call(hook_of(a.at(0)), {}, {Value(1)});
              return Value(5);
            }}},
          [this] { ++disposed; });
    });
  }

  std::string body_of(std::string_view messages) { return exchange(post(messages)).body; }

  int sessions = 0;
  int disposed = 0;
  RequestInfo last_request;
  std::vector<detail::Resolver> slow;
};

constexpr std::string_view kAdd = R"(["push",["pipeline",0,["add"],[1,2]]])";
constexpr std::string_view kSlow = R"(["push",["pipeline",0,["slow"],[]]])";

std::string lines(std::initializer_list<std::string_view> messages) {
  std::string text;
  for (std::string_view message : messages) {
    if (!text.empty()) text += '\n';
    text += message;
  }
  return text;
}

TEST_F(HttpBatchTest, AnswersOneCall_T1_T2) {
  serve_calculator();
  const RawResponse response = exchange(post(lines({kAdd, R"(["pull",1])"})));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"(["resolve",1,3])");
  EXPECT_TRUE(response.has_line("Content-Type: text/plain;charset=UTF-8"));
}

TEST_F(HttpBatchTest, JoinsAnswersByLineEnds_X28) {
  serve([](const RequestInfo&) {
    return target(
        {{"mk",
          [](Array&) {
            return target({{"add", [](Array& a) {
                              return Value(a.at(0).get<double>() + a.at(1).get<double>());
                            }}});
          }},
         {"add", [](Array& a) { return Value(a.at(0).get<double>() + a.at(1).get<double>()); }}});
  });
  EXPECT_EQ(body_of(lines({R"(["push",["pipeline",0,["mk"],[]]])", kAdd,
                           R"(["push",["pipeline",1,["add"],[3,4]]])", R"(["pull",2])",
                           R"(["pull",3])"})),
            lines({R"(["resolve",2,3])", R"(["resolve",3,7])"}));
}

TEST_F(HttpBatchTest, AnEmptyBodyIsNoMessages_T1) {
  serve_calculator();
  const RawResponse response = exchange(post(""));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(sessions, 1);
  EXPECT_EQ(disposed, 1);
}

TEST_F(HttpBatchTest, TakesOneLineEndAtTheEnd_T3) {
  serve_calculator();
  EXPECT_EQ(body_of(lines({kAdd, R"(["pull",1])", ""})), R"(["resolve",1,3])");
  EXPECT_EQ(body_of("\n"), "");
}

TEST_F(HttpBatchTest, CarriageReturnsAreWhiteSpace_T3) {
  serve_calculator();
  EXPECT_EQ(body_of(std::string(kAdd) + "\r\n" + R"(["pull",1])"), R"(["resolve",1,3])");
}

TEST_F(HttpBatchTest, AnEmptyLineAbortsAndSaysSoBehindTheResults_T33) {
  serve_calculator();
  const RawResponse response =
      exchange(post(lines({kAdd, R"(["pull",1])", "", kAdd, R"(["pull",2])"})));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.find(R"(["resolve",1,3])"
                               "\n"
                               R"(["abort",["error","SyntaxError")"),
            0u)
      << response.body;
  EXPECT_EQ(response.body.find("resolve\",2"), std::string::npos);
}

TEST_F(HttpBatchTest, AnUnknownMessageAborts_T33) {
  serve_calculator();
  const std::string body = body_of(lines({kAdd, R"(["pull",1])", R"(["what"])"}));
  EXPECT_EQ(body.find(R"(["resolve",1,3])"
                      "\n"
                      R"(["abort",)"),
            0u)
      << body;
}

TEST_F(HttpBatchTest, AnAbortOfTheClientIsAnsweredWithTheResultsSoFar) {
  serve_calculator();
  EXPECT_EQ(body_of(lines({kAdd, R"(["pull",1])", R"(["abort",["error","Error","no"]])"})),
            R"(["resolve",1,3])");
  EXPECT_EQ(disposed, 1);
}

TEST_F(HttpBatchTest, WaitsForEveryPullInTheOrderOfSettlement_T5_T7) {
  serve_calculator();
  RawClient client = connect();
  client.send(post(lines({kSlow, kAdd, R"(["pull",1])", R"(["pull",2])"})));
  ASSERT_TRUE(run_until(loop, [&] { return slow.size() == 1; }));
  loop.poll();
  EXPECT_FALSE(client.has_received());
  slow[0].resolve(Value("s"));
  EXPECT_EQ(client.response().body, lines({R"(["resolve",2,3])", R"(["resolve",1,"s"])"}));
}

TEST_F(HttpBatchTest, DoesNotWaitForWhatNobodyPulls_T5) {
  serve_calculator();
  EXPECT_EQ(body_of(lines({kSlow, kAdd, R"(["pull",2])"})), R"(["resolve",2,3])");
  EXPECT_EQ(slow.size(), 1u);
}

TEST_F(HttpBatchTest, CarriesRejections) {
  serve_calculator();
  EXPECT_EQ(body_of(lines({R"(["push",["pipeline",0,["fail"],[]]])", R"(["pull",1])"})),
            R"(["reject",1,["error","RangeError","bad"]])");
}

TEST_F(HttpBatchTest, CarriesCallsOfTheClientsCallbacks_T8) {
  serve_calculator();
  const std::string body =
      body_of(lines({R"(["push",["pipeline",0,["callLater"],[["export",-1]]]])", R"(["pull",1])"}));
  EXPECT_EQ(body.find(R"(["push",["pipeline",-1,[],[1]]])"), 0u) << body;
  EXPECT_NE(body.find(R"(["resolve",1,5])"), std::string::npos) << body;
}

TEST_F(HttpBatchTest, DisposesTheMainObjectAfterEachBatch_T9) {
  serve_calculator();
  RawClient client = connect();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(client.exchange(post(lines({kAdd, R"(["pull",1])"}))).status, 200);
    EXPECT_EQ(disposed, i);
  }
}

TEST_F(HttpBatchTest, ADisposerRunsAfterTheAnswerIsOnItsWay_T9) {
  // Seen from the disposer, the client has its answer: the kernel took it before.
  std::unique_ptr<RawClient> client;
  bool answered = false;
  serve([&](const RequestInfo&) {
    return target({}, [&] { answered = client->response().status == 200; });
  });
  client = std::make_unique<RawClient>(loop, server->port());
  client->send(post(""));
  ASSERT_TRUE(run_until(loop, [&] { return answered; }));
}

TEST_F(HttpBatchTest, EndsTheSessionWhenTheClientGoesAway) {
  serve_calculator();
  RawClient client = connect();
  client.send(post(lines({kSlow, R"(["pull",1])"})));
  ASSERT_TRUE(run_until(loop, [&] { return slow.size() == 1; }));
  EXPECT_FALSE(slow[0].stop_token().stop_requested());
  client.close();
  ASSERT_TRUE(run_until(loop, [&] { return disposed == 1; }));
  EXPECT_TRUE(slow[0].stop_token().stop_requested());
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpBatchTest, AnswersWhatItHasWhenACallTakesTooLong) {
  options.http.batch_time = std::chrono::milliseconds(40);
  serve_calculator();
  const RawResponse response =
      exchange(post(lines({kAdd, R"(["pull",1])", kSlow, R"(["pull",2])"})));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            lines({R"(["resolve",1,3])",
                   R"(["abort",["error","Error","The batch took longer than the 40 )"
                   R"(ms this server allows; send slow calls over a WebSocket."]])"}));
  EXPECT_EQ(disposed, 1);
}

TEST_F(HttpBatchTest, RefusesBeforeThereIsASession) {
  options.http.max_batch_messages = 3;
  options.session.limits.max_message_size = 100;
  serve_calculator();
  EXPECT_EQ(exchange(post("[]\n[]\n[]\n[]")).status, 413);
  EXPECT_NE(exchange(post("[]\n[]\n[]\n[]")).body.find("more than 3 messages"), std::string::npos);
  EXPECT_EQ(exchange(post("[]\n[]\n[]\n")).status, 200);
  EXPECT_EQ(exchange(post("\"\xFF\"")).status, 400);
  EXPECT_EQ(exchange(post(std::string(301, ' '))).status, 413);
  EXPECT_EQ(exchange(post("[]", "Origin: http://evil.example\r\n")).status, 403);
  EXPECT_EQ(sessions, 1);
}

TEST_F(HttpBatchTest, AMessageOverTheLimitAborts_L1) {
  options.session.limits.max_message_size = 100;
  serve_calculator();
  const RawResponse response = exchange(post(std::string(101, ' ')));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("exceeds maximum size of 100 UTF-16 code units"), std::string::npos);
}

TEST_F(HttpBatchTest, BoundsItsAnswer_L8) {
  options.session.limits.max_unsent_answers = 3000;
  serve([](const RequestInfo&) {
    return target({{"text", [](Array&) { return Value(std::string(1000, 'x')); }}});
  });
  std::string body;
  for (int i = 1; i <= 10; ++i)
    body += "[\"push\",[\"pipeline\",0,[\"text\"],[]]]\n[\"pull\"," + std::to_string(i) + "]\n";
  const std::string answer = body_of(body);
  EXPECT_LT(answer.size(), 6000u);
  EXPECT_NE(answer.find(R"(["reject",10,["error","RangeError","More than 3000 bytes of answers)"),
            std::string::npos)
      << answer;
}

TEST_F(HttpBatchTest, EndsWhenItsAnswerGrowsTooLong_L8) {
  options.session.limits.max_unsent_answers = 3000;
  serve_calculator();
  RawClient client = connect();
  std::string body;
  for (int i = 1; i <= 10; ++i)
    body += std::string(kSlow) + "\n[\"pull\"," + std::to_string(i) + "]\n";
  client.send(post(body));
  ASSERT_TRUE(run_until(loop, [&] { return slow.size() == 10; }));
  for (std::size_t i = 0; i < 4; ++i) {  // each in a turn of its own
    slow[i].resolve(Value(std::string(1000, 'x')));
    loop.poll();
  }
  const std::string answer = client.response().body;
  EXPECT_LT(answer.size(), 6000u);
  EXPECT_TRUE(answer.ends_with(
      R"(["abort",["error","RangeError","The batch's answer grows over 3000 bytes; send several )"
      R"(batches, or use a WebSocket."]])"))
      << answer;
  EXPECT_EQ(disposed, 1);
}

TEST_F(HttpBatchTest, TakesTenThousandMessages) {
  serve_calculator();
  std::string body;
  std::string expected;
  for (int i = 1; i <= 5000; ++i) {
    body += std::string(kAdd) + "\n[\"pull\"," + std::to_string(i) + "]\n";
    expected += (i == 1 ? "" : "\n") + ("[\"resolve\"," + std::to_string(i)) + ",3]";
  }
  EXPECT_EQ(body_of(body), expected);
  EXPECT_EQ(exchange(post(body + "[]")).status, 413);
}

// ---- The factory

TEST_F(HttpBatchTest, ShowsTheRequestToTheFactory) {
  serve_calculator();
  exchange(post("", "X-Token: secret\r\n", "/rpc?room=1"));
  EXPECT_EQ(last_request.method, "POST");
  EXPECT_EQ(last_request.path(), "/rpc");
  EXPECT_EQ(last_request.query(), "room=1");
  EXPECT_EQ(*last_request.headers.get("x-token"), "secret");
  EXPECT_EQ(last_request.peer_address, "127.0.0.1");
  EXPECT_NE(last_request.peer_port, 0);
  EXPECT_FALSE(last_request.is_websocket);
}

TEST_F(HttpBatchTest, LetsTheFactoryRefuse) {
  std::function<Value()> answer;
  serve([&](const RequestInfo&) { return answer(); });
  answer = []() -> Value {
    throw RequestRefused(401, "who are you?").header("WWW-Authenticate", "Bearer");
  };
  const RawResponse refused = exchange(post(""));
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "who are you?");
  EXPECT_TRUE(refused.has_line("www-authenticate: Bearer"));
  answer = []() -> Value { throw Error::permission_denied("not you"); };
  EXPECT_EQ(exchange(post("")).status, 403);
  EXPECT_EQ(exchange(post("")).body, "not you");
  answer = []() -> Value { throw Error::not_found("no such room"); };
  EXPECT_EQ(exchange(post("")).status, 404);
  answer = []() -> Value { throw Error::bad_request("no room named"); };
  EXPECT_EQ(exchange(post("")).status, 400);
  answer = []() -> Value { throw std::runtime_error("the database's password is x"); };
  EXPECT_EQ(exchange(post("")).status, 500);
  EXPECT_EQ(exchange(post("")).body.find("password"), std::string::npos);
}

// Who chooses a value, a client perhaps, must not choose what follows it.
TEST_F(HttpBatchTest, SendsNoHeaderThatWouldBeTwo) {
  std::pair<std::string, std::string> header;
  serve([&](const RequestInfo&) -> Value {
    throw RequestRefused(401, "no").header(header.first, header.second);
  });
  for (const auto& [name, value] :
       {std::pair("location", "/a\r\nset-cookie: b"), std::pair("a: b\r\nset-cookie", "c")}) {
    header = {name, value};
    const RawResponse response = exchange(post(""));
    EXPECT_EQ(response.status, 500) << name;
    EXPECT_EQ(response.head.find("set-cookie"), std::string::npos) << name;
  }
}

TEST_F(HttpBatchTest, AHandlerMayCloseTheServer) {
  serve([this](const RequestInfo&) {
    return target({{"stop", [this](Array&) {
                      server->close();
                      return Value();
                    }}});
  });
  EXPECT_EQ(
      exchange(post(lines({R"(["push",["pipeline",0,["stop"],[]]])", R"(["pull",1])"}))).status, 0);
}

}  // namespace
}  // namespace capnweb::testing
