#include "load/session.hpp"

namespace bench {

void Session::prepare() {
  if (workload_.shape() != Workload::Shape::kStream) return;
  calls_.add() = {};
  push(0, R"(["openSink"],[])");
  send_with_id(R"(["pull",)", 1, "]");
  ++under_way_;
}

void Session::start_call(std::uint64_t number, std::uint64_t now) {
  const Workload::Shape shape = workload_.shape();
  const bool is_stream = shape == Workload::Shape::kStream;
  if (shape == Workload::Shape::kCallback) ++functions_;
  message_ = is_stream ? R"(["stream",["pipeline",)" : R"(["push",["pipeline",)";
  append_number(message_, stream_);
  message_ += ',';
  workload_.write(message_, number, -functions_);
  message_ += "]]";
  sink_.send(message_);

  std::int64_t id = calls_.next_id();
  int pushes = 1;
  if (shape == Workload::Shape::kChain) {
    for (const char* call : {R"(["profile"],[])", R"(["name"],[])"}) {
      calls_.add() = {};
      push(id++, call);
      ++pushes;
    }
  }
  calls_.add() = {.number = number, .started = now, .pushes = pushes};
  if (!is_stream) send_with_id(R"(["pull",)", id, "]");
  ++under_way_;
}

void Session::push(std::int64_t target, std::string_view path_and_arguments) {
  message_ = R"(["push",["pipeline",)";
  append_number(message_, target);
  message_ += ',';
  message_ += path_and_arguments;
  message_ += "]]";
  sink_.send(message_);
}

void Session::send_with_id(std::string_view begin, std::int64_t id, std::string_view end) {
  message_ = begin;
  append_number(message_, id);
  message_ += end;
  sink_.send(message_);
}

bool Session::receive(std::string_view text, std::uint64_t now) {
  Cursor message(text);
  if (message.take(R"(["resolve",)")) return receive_resolve(message, text, now);
  if (message.take(R"(["push",["pipeline",-)")) return receive_call(message, text);
  if (message.take(R"(["pull",)")) return receive_pull(message, text);
  if (message.take(R"(["release",)")) return receive_release(message, text);
  return broken(text);
}

bool Session::receive_resolve(Cursor message, std::string_view text, std::uint64_t now) {
  const auto id = message.take_integer();
  if (!id || !message.take(",")) return broken(text);
  const Call* found = calls_.find(*id);
  const auto result = message.before("]");
  if (!found || !result) return broken(text);
  const Call call = *found;

  if (!is_ready()) {  // the answer to openSink, which is kept
    const auto stream = message.take(R"(["writable",)") ? message.take_integer() : std::nullopt;
    if (!stream) return broken(text);
    stream_ = *stream;
    calls_.finish(*id);
    --under_way_;
    return true;
  }
  for (std::int64_t released = *id - call.pushes + 1; released <= *id; ++released) {
    // What a stream was told has no result to release.
    if (stream_ == 0) send_with_id(R"(["release",)", released, ",1]");
    calls_.finish(released);
  }
  --under_way_;
  if (workload_.is_right(*result, call.number)) {
    meter_.finish_call(call.started, now);
  } else {
    meter_.fail(text);
  }
  return true;
}

// `["push",["pipeline",-1,[],[x]]]`: our function gives x + 1.
bool Session::receive_call(Cursor message, std::string_view text) {
  const auto function = message.take_integer();
  if (!function || *function > functions_ || !message.take(",[],[")) return broken(text);
  const auto argument = message.take_integer();
  if (!argument || message.left() != "]]]") return broken(text);
  results_.add() = *argument + 1;
  return true;
}

bool Session::receive_pull(Cursor message, std::string_view text) {
  const auto id = message.take_integer();
  const std::int64_t* result = id ? results_.find(*id) : nullptr;
  if (!result) return broken(text);
  message_ = R"(["resolve",)";
  append_number(message_, *id);
  message_ += ',';
  append_number(message_, *result);
  message_ += ']';
  sink_.send(message_);
  return true;
}

// Of a result of our function, or (negative) of the function.
bool Session::receive_release(Cursor message, std::string_view text) {
  const auto id = message.take_integer();
  if (!id) return broken(text);
  if (*id < 0) return true;
  if (!results_.find(*id)) return broken(text);
  results_.finish(*id);
  return true;
}

bool Session::broken(std::string_view text) {
  meter_.fail(text);
  return false;
}

}  // namespace bench
