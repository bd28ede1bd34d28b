// A transport by hand, as <capnweb/transport.hpp> tells how to make one.
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/transport.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace capnweb {
namespace {

struct Calculator {
  double add(double a, double b) const { return a + b; }
  struct Rpc {
    Method<&Calculator::add> add;
  };
};

// An event loop as simple as can be.
using Queue = std::deque<std::function<void()>>;

// One end of a pipe for texts.
class End {
 public:
  End(Queue& queue, Session session) : queue_(queue), session_(std::move(session)) {
    session_.on_output([this] { queue_.push_back([this] { pump(); }); });
  }
  ~End() { session_.on_output({}); }

  void join(End& other) { other_ = &other; }
  Session& session() { return session_; }
  bool is_closed() const { return is_closed_; }
  // From then on sending fails.
  void break_after(int messages) { sends_left_ = messages; }

 private:
  void pump() {
    if (is_closed_) return;
    try {
      send_output(session_, outbox_, [this](std::string_view message) {
        if (sends_left_ == 0) throw Error("The pipe is broken.");
        --sends_left_;
        queue_.push_back(
            [to = other_, text = std::string(message)] { to->session_.receive(text); });
      });
    } catch (const Error& broken) {
      is_closed_ = true;
      session_.disconnected(broken);
    }
    if (session_.end_reason() && !is_closed_) close();
  }
  void close() {
    is_closed_ = true;
    queue_.push_back([to = other_] { to->session_.disconnected(Error("The pipe is closed.")); });
  }

  Queue& queue_;
  Session session_;
  Outbox outbox_;
  End* other_ = nullptr;
  bool is_closed_ = false;
  int sends_left_ = -1;
};

struct Pipe {
  Pipe() {
    client.join(server);
    server.join(client);
  }
  void run() {
    for (; !queue.empty(); queue.pop_front()) queue.front()();
  }
  Queue queue;
  End client{queue, Session()};
  End server{queue, Session(Stub<Calculator>(std::make_shared<Calculator>()))};
};

TEST(CustomTransport, CarriesCalls) {
  Pipe pipe;
  const auto api = pipe.client.session().remote_main().as<Calculator>();
  const auto sum = api->add(5, 3);
  double result = 0;
  sum.then([&](double value) { result = value; });
  pipe.run();
  EXPECT_EQ(result, 8);
  EXPECT_EQ(pipe.client.session().stats(), (Session::Stats{1, 1})) << "nothing is left of it";
}

TEST(CustomTransport, ClosesBehindTheLastMessage) {
  Pipe pipe;
  const auto api = pipe.client.session().remote_main().as<Calculator>();
  std::string failure;
  api->add(5, 3).then([](double) {}, [&](const Error& error) { failure = error.what(); });
  pipe.server.session().receive("junk");
  pipe.run();
  EXPECT_TRUE(pipe.server.is_closed());
  EXPECT_TRUE(failure.starts_with("SyntaxError: ")) << failure;
}

TEST(CustomTransport, TellsTheOtherSideThatItIsClosed) {
  Pipe pipe;
  std::string failure;
  const auto watch =
      pipe.client.session().on_broken([&](const Error& error) { failure = error.what(); });
  pipe.server.session().close();
  pipe.run();
  EXPECT_EQ(failure, "The pipe is closed.");
}

TEST(CustomTransport, EndsTheSessionWhenItCannotSend_E8) {
  Pipe pipe;
  const auto api = pipe.client.session().remote_main().as<Calculator>();
  std::string failures;
  const auto failed = [&](const Error& error) { failures += error.message() + ";"; };
  pipe.client.break_after(1);
  api->add(5, 3).then([](double) {}, failed);
  pipe.run();
  EXPECT_EQ(failures, "The pipe is broken.;");
  api->add(1, 2).then([](double) {}, failed);
  EXPECT_EQ(failures, "The pipe is broken.;The pipe is broken.;");
  EXPECT_EQ(pipe.server.session().end_reason(), nullptr) << "no abort came over a broken pipe";
}

}  // namespace
}  // namespace capnweb
