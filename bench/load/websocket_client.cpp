// websocket_client.cpp: calls, or bare frames, over a WebSocket.
#include <deque>

#include "common/http.hpp"
#include "common/websocket.hpp"
#include "load/client.hpp"
#include "load/session.hpp"

namespace bench {

namespace {

class WebSocketClient : public Client, private MessageSink {
 public:
  explicit WebSocketClient(Run& run) : Client(run), session_(run.workload, run.meter, *this) {}

  std::size_t calls_under_way() const override { return session_.calls_under_way(); }

 protected:
  void send(std::string_view message) override {
    ws::append_masked_frame(out(), ws::Opcode::kText, message);
    if (!run().options.gather) flush();
  }
  virtual void prepare() { session_.prepare(); }
  virtual bool receive(std::string_view message, std::uint64_t now) {
    return session_.receive(message, now);
  }
  void fill(std::uint64_t now) override {
    while (session_.is_ready() && session_.calls_under_way() < run().options.window && may_call())
      session_.start_call(next_call(), now);
  }

 private:
  void greet() override { out() += ws::upgrade_request(run().options.port, run().options.path); }

  char* take(char* begin, char* end, std::uint64_t now) override {
    if (!is_open()) {
      std::string_view in(begin, static_cast<std::size_t>(end - begin));
      const auto head = http::take_head(in);
      if (!head) return begin;
      begin += head->size();
      if (http::field(*head, "sec-websocket-accept").substr(0, ws::kAcceptOfExample.size()) !=
          ws::kAcceptOfExample) {
        lose(*head);
        return begin;
      }
      opened();
      prepare();
    }
    while (!is_lost()) {
      const auto frame = ws::take_frame(begin, end);
      if (!frame) break;
      take_frame(*frame, now);
    }
    return begin;
  }

  void take_frame(const ws::Frame& frame, std::uint64_t now) {
    switch (frame.opcode) {
      case ws::Opcode::kPing:
        ws::append_masked_frame(out(), ws::Opcode::kPong, frame.payload);
        return;
      case ws::Opcode::kPong:
        return;
      case ws::Opcode::kClose:
        return lose("the server has closed the WebSocket");
      case ws::Opcode::kText:
      case ws::Opcode::kContinuation:
        break;
    }
    if (frame.is_final && parts_.empty()) return take_message(frame.payload, now);
    parts_ += frame.payload;
    if (!frame.is_final) return;
    take_message(parts_, now);
    parts_.clear();
  }

  void take_message(std::string_view message, std::uint64_t now) {
    if (!receive(message, now)) lose("the session is broken");
  }

  Session session_;
  std::string parts_;  // of a message in several frames
};

// No session: every frame must come back as it was.
class FrameClient final : public WebSocketClient {
 public:
  explicit FrameClient(Run& run) : WebSocketClient(run) { run.workload.write(text_, 0, 0); }

  std::size_t calls_under_way() const override { return started_.size(); }

 private:
  void prepare() override {}
  void fill(std::uint64_t now) override {
    while (started_.size() < run().options.window && may_call()) {
      next_call();
      started_.push_back(now);
      send(text_);
    }
  }
  bool receive(std::string_view message, std::uint64_t now) override {
    if (started_.empty() || message != text_) {
      run().meter.fail(message);
      return false;
    }
    run().meter.finish_call(started_.front(), now);
    started_.pop_front();
    return true;
  }

  std::string text_;
  std::deque<std::uint64_t> started_;
};

}  // namespace

std::unique_ptr<Client> make_websocket_client(Run& run) {
  if (run.workload.shape() == Workload::Shape::kFrame) return std::make_unique<FrameClient>(run);
  return std::make_unique<WebSocketClient>(run);
}

}  // namespace bench
