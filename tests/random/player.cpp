#include "random/player.hpp"

#include <capnweb/detail/stream.hpp>
#include <utility>

#include "cap/map_recorder.hpp"
#include "random/playground.hpp"
#include "random/streams.hpp"
#include "support/object.hpp"

namespace capnweb::testing {

namespace {

using detail::HookRef;
using detail::PromiseRef;
using detail::ReadableRef;
using detail::Resolver;
using detail::StubRef;
using detail::WritableRef;

std::string text_of(const Value& value) {
  if (const auto* array = value.get_if<Array>()) {
    std::string text = "[";
    for (const Value& item : *array) text += text_of(item) + ' ';
    return text + ']';
  }
  if (const auto* object = value.get_if<Object>()) {
    std::string text = "{";
    for (const auto& [key, item] : *object) text += key + ": " + text_of(item) + ' ';
    return text + '}';
  }
  if (const auto* truth = value.get_if<bool>()) return *truth ? "true" : "false";
  if (value.is_number()) return std::to_string(value.get<double>());
  return std::string(value.kind_name());
}

// The path of the meter in what a register holds.
Path meter_in(Kind kind) {
  if (kind == Kind::kNest) return {"meter"};
  if (kind == Kind::kWrap) return {"stub"};
  return {};
}

}  // namespace

Player::Player(HookRef playground)
    : playground_(std::move(playground)),
      own_playground_(make_playground()),
      slow_(std::make_shared<std::vector<Resolver>>()) {}

HookRef Player::call(const char* method, Array arguments) {
  return testing::call(playground_, {method}, std::move(arguments));
}

void Player::put(const Step& step, HookRef hook) {
  registers_[step.to] = {.hook = std::move(hook), .handle = ++handles_};
}

Value Player::from(const Step& step) const { return promise(registers_[step.from].hook); }

void Player::look_at(HookRef hook) {
  results_.push_back({.promise = std::make_unique<Awaited>(std::move(hook)),
                      .text = "step " + std::to_string(steps_) + ": "});
}

void Player::play(const Step& step) {
  const detail::Turn turn;
  ++steps_;
  switch (step.op) {
    case Op::kTick:
      return tick(step);
    case Op::kGet:
      return get(step);
    case Op::kSettle:
      return settle(step.a, step.kind);
    case Op::kAwait:
      return look_at(registers_[step.from].hook);
    case Op::kDrop:
      registers_[step.from] = {};
      return;
    case Op::kMap:
      return put(step, map(step));
    case Op::kTotal:
    case Op::kTorn:
    case Op::kNumbers:
    case Op::kUnread:
    case Op::kFill:
      return play_stream(step);
    default:
      return play_call(step);
  }
}

// Counts the calls that were made through this register, so that the meter sees their order
// (C-27).
void Player::tick(const Step& step) {
  Register& meter = registers_[step.from];
  Path path = meter_in(step.kind);
  path.emplace_back("tick");
  look_at(testing::call(meter.hook, path, {meter.handle, ++meter.ticks}));
}

void Player::get(const Step& step) {
  const HookRef hook = registers_[step.from].hook;
  if (step.kind == Kind::kNumber) return put(step, hook->get(Path{"value"}));
  put(step, hook->get(Path{step.b == 0 ? "meter" : "stub"}));
}

void Player::settle(unsigned key, Kind kind) {
  later_.erase(key);
  Value value = 7;
  if (kind == Kind::kNest) value = promise(call("nest", {key}));
  if (kind == Kind::kWrap) value = promise(call("wrap", {promise(call("meter", {}))}));
  look_at(call("settle", {key, std::move(value)}));
}

void Player::play_call(const Step& step) {
  switch (step.op) {
    case Op::kAdd:
      return put(step, call("add", {from(step), step.a}));
    case Op::kMeter:
      return put(step, call("meter", {}));
    case Op::kNest:
      return put(step, call("nest", {from(step)}));
    case Op::kWrap:
      return put(step, call("wrap", {from(step)}));
    case Op::kEcho:
      return put(step, call("echo", {from(step)}));
    case Op::kApply:
      return put(step, call("apply", {callback(step.b, step.a), from(step)}));
    case Op::kKeep:
      return look_at(call("keep", {step.a, callback(step.b, 1)}));
    case Op::kCallKept:
      return put(step, call("callKept", {step.a, step.b}));
    case Op::kDropKept:
      return look_at(call("drop", {step.a}));
    case Op::kLater:
      later_[step.a] = step.kind;
      return put(step, call("later", {step.a}));
    case Op::kPerform:
      return put(step, call("perform", {own_playground_, step.a, step.b}));
    case Op::kFail:
      return put(step, call("fail", {"asked to fail"}));
    default:
      return put(step, call("nope", {step.a}));
  }
}

void Player::play_stream(const Step& step) {
  const double count = step.a;
  switch (step.op) {
    case Op::kNumbers:
      return look_at(call("numbers", {count}));
    case Op::kUnread:
      return static_cast<void>(call("numbers", {count}));
    case Op::kFill:
      return fill(step);
    default: {
      auto [readable, writable] = detail::make_stream();
      put(step, call("total", {ReadableRef{readable}}));
      write_numbers(writable, count, step.op == Op::kTorn);
    }
  }
}

void Player::fill(const Step& step) {
  Resolver sum;
  look_at(sum.promise());
  put(step, call("fill", {WritableRef{make_sum_sink(std::move(sum))}, step.a}));
}

HookRef Player::map(const Step& step) {
  const HookRef list = call("list", {step.a});
  detail::MapRecorder recorder(list, {});
  const HookRef element = recorder.input();
  const Path add = {"add"};
  const Array arguments = {promise(element), from(step)};
  const HookRef sum = recorder.call(*playground_, add, arguments);
  return recorder.finish(Array{promise(sum), promise(element)});
}

Value Player::callback(unsigned which, double by) {
  switch (static_cast<Callback>(which % 4)) {
    case Callback::kAdds:
      return function([by](Array& a) { return Value(a[0].get<double>() + by); });
    case Callback::kFails:
      return function([](Array&) -> Value { throw Error::range_error("refused"); });
    case Callback::kCallsBack:
      return function([playground = playground_, by](Array& a) {
        return promise(testing::call(playground, {"add"}, {std::move(a[0]), by}));
      });
    case Callback::kTakesTime:
      break;
  }
  return function([slow = slow_](Array&) { return promise(slow->emplace_back().promise()); });
}

void Player::advance() {
  const detail::Turn turn;
  for (Result& result : results_) {
    if (!result.promise || !result.promise->is_done()) continue;
    const auto promise = std::exchange(result.promise, nullptr);
    try {
      const Value value = promise->value();
      const auto* stream = value.get_if<ReadableRef>();
      if (stream) result.promise = std::make_unique<Awaited>(sum_of(stream->hook));
      result.text += text_of(value);
    } catch (const Error& error) {
      result.text += error.what();
    }
  }
}

void Player::finish() {
  const detail::Turn turn;
  for (const auto& [key, kind] : std::map(later_)) settle(key, kind);
  for (Resolver& resolver : std::exchange(*slow_, {})) resolver.resolve(11);
}

bool Player::is_done() const {
  for (const Result& result : results_)
    if (result.promise) return false;
  return later_.empty() && slow_->empty();
}

void Player::release() {
  const detail::Turn turn;
  registers_ = {};
  for (unsigned slot = 0; slot < kSlots; ++slot) static_cast<void>(call("drop", {slot}));
  playground_ = nullptr;
  own_playground_ = {};
}

std::vector<std::string> Player::results() const {
  std::vector<std::string> texts;
  for (const Result& result : results_)
    texts.push_back(result.text + (result.promise ? "pending" : ""));
  return texts;
}

}  // namespace capnweb::testing
