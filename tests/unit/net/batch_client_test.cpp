// Batches as a client sends them: to our server, and to one that answers as it likes.
#include "net/batch_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <capnweb/batch.hpp>
#include <capnweb/loop.hpp>
#include <deque>
#include <optional>
#include <set>

#include "session/session_core.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"
#include "unit/net/http_raw_client.hpp"

namespace capnweb::testing {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// Accepts connections, keeps their requests, and answers what it is told to.
class RawServer {
 public:
  explicit RawServer(asio::io_context& loop)
      : loop_(loop), acceptor_(loop, {asio::ip::address_v4::loopback(), 0}) {
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/rpc"; }

  struct Peer {
    explicit Peer(asio::ip::tcp::socket accepted) : socket(std::move(accepted)) {}
    asio::ip::tcp::socket socket;
    char buffer[65536];
    std::string text;  // requests that have not been taken
    bool closed = false;
  };

  // The next request of the connection that was made as number `index`; "" if it ends.
  std::string request(std::size_t index) {
    std::string head_and_body;
    run_until(loop_, [&] {
      if (index >= peers.size()) return false;
      Peer& peer = *peers[index];
      const std::size_t head = peer.text.find("\r\n\r\n");
      if (head == std::string::npos) return peer.closed;
      const std::size_t length = peer.text.find("content-length: ");
      const std::size_t size = head + 4 + std::stoul(peer.text.substr(length + 16));
      if (peer.text.size() < size) return peer.closed;
      head_and_body = peer.text.substr(0, size);
      peer.text.erase(0, size);
      return true;
    });
    return head_and_body;
  }
  void answer(std::size_t index, std::string_view text) {
    asio::write(peers.at(index)->socket, asio::buffer(text));
  }
  void close(std::size_t index) { peers.at(index)->socket.close(); }

  std::vector<std::shared_ptr<Peer>> peers;

 private:
  void accept() {
    acceptor_.async_accept([this](const auto& code, asio::ip::tcp::socket socket) {
      if (code) return;
      peers.push_back(std::make_shared<Peer>(std::move(socket)));
      read(peers.back());
      accept();
    });
  }
  static void read(const std::shared_ptr<Peer>& peer) {
    peer->socket.async_read_some(asio::buffer(peer->buffer),
                                 [peer](const auto& code, std::size_t bytes) {
                                   peer->text.append(peer->buffer, bytes);
                                   peer->closed = !!code;
                                   if (!code) read(peer);
                                 });
  }

  asio::io_context& loop_;
  asio::ip::tcp::acceptor acceptor_;
};

std::string ok(std::string_view body, std::string_view headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

class BatchClientTest : public HttpFixture {
 protected:
  void serve_calculator() {
    serve([this](const RequestInfo& request) {
      requests.push_back(request);
      return target(
          {{"add", [](Array& a) { return Value(a.at(0).get<double>() + a.at(1).get<double>()); }},
           {"note",
            [this](Array& a) {
              notes.push_back(a.at(0).get<std::string>());
              return Value();
            }},
           {"counter",
            [](Array&) {
              return target({{"count", [](Array& a) { return Value(a.at(0).get<double>()); }}});
            }},
           {"fail", [](Array&) -> Value { throw Error::range_error("bad"); }},
           {"never", [this](Array&) { return promise(never.emplace_back().promise()); }}});
    });
  }
  std::string server_url() const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + "/rpc";
  }
  BatchClient& client(const std::string& url, BatchOptions batch_options = {}) {
    return clients.emplace_back(caller, url, std::move(batch_options));
  }
  // Calls a method of a batch's main object, or of a promise.
  detail::HookRef call(const Stub<>& stub, std::string_view method, Array arguments = {}) {
    return testing::call(stub.hook(), {std::string(method)}, std::move(arguments));
  }
  bool finishes(Awaited& awaited) {
    return run_until(loop, [&] { return awaited.is_done(); });
  }
  std::string failure_of(detail::HookRef hook) {
    Awaited awaited(std::move(hook));
    return finishes(awaited) ? awaited.failure() : "pending";
  }

  std::deque<BatchClient> clients;
  std::vector<RequestInfo> requests;
  std::vector<std::string> notes;
  std::vector<detail::Resolver> never;
};

TEST_F(BatchClientTest, CallsInOneRequest_T11) {
  serve_calculator();
  auto api = client(server_url()).batch();
  Awaited sum(call(api, "add", {1, 2}));
  Awaited other(call(api, "add", {3, 4}));
  ASSERT_TRUE(finishes(sum));
  ASSERT_TRUE(finishes(other));
  EXPECT_EQ(sum.value(), Value(3));
  EXPECT_EQ(other.value(), Value(7));
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(BatchClientTest, AsksForEverythingInOneBody_X28) {
  RawServer raw(loop);
  const Stub<> api = client(raw.url()).batch();
  const auto made = call(api, "mk");
  const auto three = call(api, "add", {1, 2});
  const auto seven = testing::call(made, {"add"}, {3, 4});
  Awaited first(three);
  Awaited second(seven);
  EXPECT_EQ(body_of(raw.request(0)),
            "[\"push\",[\"pipeline\",0,[\"mk\"],[]]]\n"
            "[\"push\",[\"pipeline\",0,[\"add\"],[1,2]]]\n"
            "[\"push\",[\"pipeline\",1,[\"add\"],[3,4]]]\n"
            "[\"pull\",2]\n"
            "[\"pull\",3]");
  raw.answer(0, ok("[\"resolve\",2,3]\n[\"resolve\",3,7]"));
  ASSERT_TRUE(finishes(first) && finishes(second));
  EXPECT_EQ(first.value(), Value(3));
  EXPECT_EQ(second.value(), Value(7));
}

TEST_F(BatchClientTest, SendsWhatFetchWouldSend_T1_T15) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  const auto made = call(api, "counter");
  Awaited counter(testing::call(made, {"count"}, {5}));
  EXPECT_EQ(raw.request(0), "POST /rpc HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(raw.port()) +
                                "\r\ncontent-type: text/plain;charset=UTF-8\r\n"
                                "content-length: 87\r\n\r\n"
                                "[\"push\",[\"pipeline\",0,[\"counter\"],[]]]\n"
                                "[\"push\",[\"pipeline\",1,[\"count\"],[5]]]\n[\"pull\",2]");
  raw.answer(0, ok("[\"resolve\",2,5]"));
  ASSERT_TRUE(finishes(counter));
  EXPECT_EQ(counter.value(), Value(5));
}

TEST_F(BatchClientTest, LeavesAtTheEndOfTheTurnInWhichSomethingWasAwaited) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  const auto early = call(api, "add", {1, 2});
  loop.poll();
  EXPECT_TRUE(raw.peers.empty()) << "nobody waits for anything yet";
  std::optional<Awaited> waiting;
  core->enter([&] {
    waiting.emplace(call(api, "add", {3, 4}));
    waiting.emplace(call(api, "add", {5, 6}));
  });
  const std::string body = body_of(raw.request(0));
  EXPECT_NE(body.find("[1,2]"), std::string::npos);
  EXPECT_NE(body.find("[\"pull\",1]"), std::string::npos)
      << "who still holds it may want it: " << body;
  EXPECT_NE(body.find("[5,6]"), std::string::npos);
}

TEST_F(BatchClientTest, IsNotPostedIfNothingIsAwaited_T14) {
  RawServer raw(loop);
  auto& batches = client(raw.url());
  {
    auto api = batches.batch();
    const auto dropped = call(api, "note", {"x"});
  }
  loop.poll();
  auto unused = batches.batch();
  batches.send();
  loop.poll();
  loop.restart();
  loop.run_for(milliseconds(20));
  EXPECT_TRUE(raw.peers.empty());
}

TEST_F(BatchClientTest, CanBeSentForItsEffectsAlone) {
  serve_calculator();
  auto& batches = client(server_url());
  {
    auto api = batches.batch();
    call(api, "note", {"x"});
    batches.send();
  }
  ASSERT_TRUE(run_until(loop, [&] { return notes.size() == 1; }));
  EXPECT_EQ(notes[0], "x");
}

TEST_F(BatchClientTest, EverythingLaterFails_T11_T12_T16) {
  serve_calculator();
  auto api = client(server_url()).batch();
  Awaited sum(call(api, "add", {1, 2}));
  std::string broken;
  const auto watch = api.on_broken([&](const Error& error) { broken = error.what(); });
  loop.restart();
  loop.poll_one();
  Awaited late(call(api, "add", {3, 4}));
  ASSERT_TRUE(finishes(sum));
  ASSERT_TRUE(finishes(late));
  EXPECT_EQ(late.failure(), "Batch RPC request ended.");
  EXPECT_EQ(failure_of(call(api, "add", {5, 6})), "Batch RPC request ended.");
  EXPECT_EQ(broken, "Batch RPC request ended.");
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(BatchClientTest, CarriesErrorsOfSingleCalls) {
  serve_calculator();
  auto api = client(server_url()).batch();
  Awaited bad(call(api, "fail"));
  Awaited good(call(api, "add", {1, 2}));
  ASSERT_TRUE(finishes(bad) && finishes(good));
  EXPECT_EQ(bad.failure(), "RangeError: bad");
  EXPECT_EQ(good.value(), Value(3));
}

TEST_F(BatchClientTest, FailsWithTheStatus_T13) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited call_of(call(api, "add", {1, 2}));
  raw.request(0);
  raw.answer(0, "HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\nthere is none");
  ASSERT_TRUE(finishes(call_of));
  try {
    call_of.value();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "RPC request failed: 404 Not Found");
    EXPECT_EQ((*error.properties().find("data"))["status"], Value(404));
    EXPECT_EQ((*error.properties().find("data"))["body"], Value("there is none"));
  }
}

TEST_F(BatchClientTest, TellsWhyTheServerRefused) {
  options.session.limits.max_message_size = 100;
  serve_calculator();
  auto api = client(server_url()).batch();
  EXPECT_EQ(failure_of(call(api, "note", {std::string(1000, 'x')})),
            "RPC request failed: 413 Payload Too Large");
}

TEST_F(BatchClientTest, KeepsWhatStandsBeforeABadMessage_T13) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited good(call(api, "add", {1, 2}));
  Awaited bad(call(api, "add", {3, 4}));
  raw.request(0);
  raw.answer(0, ok("[\"resolve\",1,3]\n!"));
  ASSERT_TRUE(finishes(good) && finishes(bad));
  EXPECT_EQ(good.value(), Value(3));
  EXPECT_EQ(bad.failure().find("SyntaxError"), 0u);
}

TEST_F(BatchClientTest, AnAbortBehindTheResultsFailsTheRest_T33) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited good(call(api, "add", {1, 2}));
  Awaited bad(call(api, "add", {3, 4}));
  raw.request(0);
  raw.answer(0, ok("[\"resolve\",1,3]\n[\"abort\",[\"error\",\"Error\",\"too slow\"]]\n"));
  ASSERT_TRUE(finishes(good) && finishes(bad));
  EXPECT_EQ(good.value(), Value(3));
  EXPECT_EQ(bad.failure(), "too slow");
}

TEST_F(BatchClientTest, HasNoMainObjectToCall_T15) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited sum(call(api, "add", {1, 2}));
  raw.request(0);
  raw.answer(0, ok("[\"push\",[\"pipeline\",0,[\"x\"],[]]]\n[\"pull\",1]\n[\"resolve\",1,3]"));
  ASSERT_TRUE(finishes(sum));
  EXPECT_EQ(sum.value(), Value(3));
}

// ---- Connections

TEST_F(BatchClientTest, KeepsItsConnection) {
  serve_calculator();
  auto& batches = client(server_url());
  for (int i = 0; i < 5; ++i) {
    auto api = batches.batch();
    EXPECT_EQ(failure_of(call(api, "add", {i, 1})), "");
  }
  EXPECT_EQ(requests.size(), 5u);
  for (const RequestInfo& request : requests)
    EXPECT_EQ(request.peer_port, requests[0].peer_port) << "one connection";
}

TEST_F(BatchClientTest, ConnectsAgainWhenTheServerHasClosed) {
  RawServer raw(loop);
  auto& batches = client(raw.url());
  for (std::size_t i = 0; i < 3; ++i) {
    auto api = batches.batch();
    Awaited sum(call(api, "add", {1, 2}));
    raw.request(i);
    raw.answer(i, ok("[\"resolve\",1,3]"));
    ASSERT_TRUE(finishes(sum));
    EXPECT_EQ(sum.failure(), "");
    raw.close(i);
  }
}

TEST_F(BatchClientTest, DoesNotReuseWhatTheServerWillClose) {
  RawServer raw(loop);
  auto& batches = client(raw.url());
  const char* endings[] = {"Connection: close\r\n", "Keep-Alive: timeout=1\r\n"};
  for (std::size_t i = 0; i < 2; ++i) {
    auto api = batches.batch();
    Awaited sum(call(api, "add", {1, 2}));
    raw.request(i);
    raw.answer(i, ok("[\"resolve\",1,3]", endings[i]));
    ASSERT_TRUE(finishes(sum));
    EXPECT_TRUE(run_until(loop, [&] { return raw.peers[i]->closed; }));
  }
}

TEST_F(BatchClientTest, SendsSeveralBatchesAtOnceOverSeveralConnections) {
  serve_calculator();
  auto& batches = client(server_url());
  std::deque<Awaited> sums;
  for (int i = 0; i < 20; ++i) sums.emplace_back(call(batches.batch(), "add", {i, 1}));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(finishes(sums[static_cast<std::size_t>(i)]));
    EXPECT_EQ(sums[static_cast<std::size_t>(i)].value(), Value(i + 1));
  }
  std::set<std::uint16_t> ports;
  for (const RequestInfo& request : requests) ports.insert(request.peer_port);
  EXPECT_LE(ports.size(), 6u);
}

TEST_F(BatchClientTest, NeverSendsTwice) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited sum(call(api, "add", {1, 2}));
  raw.request(0);
  raw.close(0);
  ASSERT_TRUE(finishes(sum));
  EXPECT_EQ(sum.failure(), "RPC request failed: 127.0.0.1:" + std::to_string(raw.port()) +
                               ": the connection ended before the answer.");
  EXPECT_EQ(raw.peers.size(), 1u);
}

TEST_F(BatchClientTest, SaysWhyItCannotConnect) {
  std::uint16_t port;
  {
    asio::ip::tcp::acceptor taken(loop, {asio::ip::address_v4::loopback(), 0});
    port = taken.local_endpoint().port();
  }
  const std::string where = "127.0.0.1:" + std::to_string(port);
  auto api = client("http://" + where + "/rpc").batch();
  EXPECT_EQ(failure_of(call(api, "add", {1, 2})),
            "RPC request failed: " + where + ": Connection refused.");
}

TEST_F(BatchClientTest, ConnectsToLocalhostByName) {
  serve_calculator();
  auto api = client("http://localhost:" + std::to_string(server->port()) + "/rpc").batch();
  EXPECT_EQ(failure_of(call(api, "add", {1, 2})), "");
}

// ---- Servers that misbehave

class BadServerTest : public BatchClientTest {
 protected:
  // The failure of a call that is answered by `text`.
  std::string answered(std::string_view text, BatchOptions batch_options = {}) {
    RawServer raw(loop);
    auto api = client(raw.url(), std::move(batch_options)).batch();
    Awaited sum(call(api, "add", {1, 2}));
    raw.request(0);
    raw.answer(0, text);
    if (!finishes(sum)) return "pending";
    std::string failure = sum.failure();
    const std::string who = "RPC request failed: 127.0.0.1:" + std::to_string(raw.port());
    if (failure.starts_with(who)) failure.erase(0, who.size());
    return failure;
  }

  // The same if the connection ends behind that.
  std::string cut_off_after(std::string_view text) {
    RawServer raw(loop);
    auto api = client(raw.url()).batch();
    Awaited sum(call(api, "add", {1, 2}));
    raw.request(0);
    raw.answer(0, text);
    raw.close(0);
    return finishes(sum) ? sum.failure() : "pending";
  }
};

TEST_F(BadServerTest, IsBoundedInTime) {
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n", {.timeout = milliseconds(40)}),
            ": the batch was not answered within 40 ms.");
}

TEST_F(BadServerTest, IsBoundedInSize) {
  EXPECT_EQ(answered(ok(std::string(101, ' ')), {.max_response_size = 100}),
            ": the answer is over 100 bytes.");
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')),
            ": the answer is not HTTP/1.1: header limit exceeded.");
}

TEST_F(BadServerTest, MayNotSendNonsense) {
  EXPECT_NE(answered("SSH-2.0-OpenSSH_9.2\r\n\r\n").find("the answer is not HTTP/1.1"),
            std::string::npos);
  EXPECT_EQ(answered(ok("\xFF")), "RPC request failed: the answer is not UTF-8 text.");
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(answered(interim), ": the server keeps sending interim answers.");
  EXPECT_EQ(answered("HTTP/1.1 001 What\r\nContent-Length: 0\r\n\r\n"),
            ": the answer is not HTTP/1.1: no such status.");
}

TEST_F(BadServerTest, MaySendInterimAnswersFirst) {
  EXPECT_EQ(answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                     ok("[\"resolve\",1,3]")),
            "");
}

TEST_F(BadServerTest, MaySendChunks) {
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "f\r\n[\"resolve\",1,3]\r\n0\r\n\r\n"),
            "");
}

TEST_F(BadServerTest, MayEndItsAnswerByClosing) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited sum(call(api, "add", {1, 2}));
  raw.request(0);
  raw.answer(0, "HTTP/1.0 200 OK\r\n\r\n[\"resolve\",1,3]");
  raw.close(0);
  ASSERT_TRUE(finishes(sum));
  EXPECT_EQ(sum.value(), Value(3));
}

TEST_F(BadServerTest, MayNotEndAfterAnInterimAnswer) {
  const std::string failure = cut_off_after("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  EXPECT_NE(failure.find("the connection ended before the answer"), std::string::npos) << failure;
}

TEST_F(BadServerTest, MayNotEndAmidItsAnswer) {
  const std::string failure =
      cut_off_after("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[\"resolve\",1,3]");
  EXPECT_NE(failure.find("the connection ended amid the answer"), std::string::npos) << failure;
}

TEST_F(BadServerTest, MayAnswerBeforeItHasReadEverything) {
  RawServer raw(loop);
  auto api = client(raw.url()).batch();
  Awaited note(call(api, "note", {std::string(8'000'000, 'x')}));
  ASSERT_TRUE(run_until(loop, [&] { return raw.peers.size() == 1; }));
  raw.answer(0, "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(finishes(note));
  EXPECT_EQ(note.failure(), "RPC request failed: 413 Payload Too Large");
}

// ---- Options

TEST_F(BatchClientTest, SendsHeaders) {
  serve_calculator();
  auto api =
      client(server_url(),
             {.headers = {{"Authorization", "Bearer x"}, {"Content-Type", "application/json"}}})
          .batch();
  EXPECT_EQ(failure_of(call(api, "add", {1, 2})), "");
  EXPECT_EQ(*requests.at(0).headers.get("authorization"), "Bearer x");
  EXPECT_EQ(*requests.at(0).headers.get("content-type"), "application/json");
}

TEST_F(BatchClientTest, RefusesWhatItCannotDo) {
  EXPECT_THROW(client("ws://127.0.0.1/rpc"), Error);
  EXPECT_THROW(client("https://127.0.0.1/rpc"), Error);
  EXPECT_THROW(client("127.0.0.1"), Error);
  EXPECT_THROW(client("http://a/", {.headers = {{"Content-Length", "1"}}}), Error);
}

TEST_F(BatchClientTest, BatchesOutliveTheirClient) {
  serve_calculator();
  std::optional<Awaited> sum;
  {
    BatchClient short_lived(caller, server_url());
    sum.emplace(call(short_lived.batch(), "add", {1, 2}));
  }
  ASSERT_TRUE(finishes(*sum));
  EXPECT_EQ(sum->value(), Value(3));
}

TEST_F(BatchClientTest, LetsGoOfEverythingWhenTheLoopEnds) {
  serve_calculator();
  std::string broken;
  auto api = client(server_url()).batch();
  const auto watch = api.on_broken([&](const Error& error) { broken = error.what(); });
  Awaited pending(call(api, "never"));
  ASSERT_TRUE(run_until(loop, [&] { return requests.size() == 1; }));
  core->end();
  EXPECT_EQ(pending.failure(), "The event loop has ended.");
  EXPECT_EQ(broken, "The event loop has ended.");
}

// ---- One batch

TEST_F(BatchClientTest, OneBatchClosesItsConnectionAtTheEnd) {
  RawServer raw(loop);
  auto session = connect_batch(caller, *parse_server_url(raw.url()), {});
  Stub<> api(session->remote_main());
  Awaited sum(call(api, "add", {1, 2}));
  raw.request(0);
  raw.answer(0, ok("[\"resolve\",1,3]"));
  ASSERT_TRUE(finishes(sum));
  EXPECT_EQ(sum.value(), Value(3));
  EXPECT_TRUE(run_until(loop, [&] { return raw.peers[0]->closed; }));
}

}  // namespace
}  // namespace capnweb::testing
