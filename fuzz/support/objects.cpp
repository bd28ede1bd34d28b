#include "support/objects.hpp"

#include <capnweb/detail/collect.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/sink.hpp>
#include <capnweb/detail/stream.hpp>
#include <iterator>
#include <memory>
#include <utility>

namespace capnweb::fuzz {

using detail::HookRef;
using detail::PromiseRef;
using detail::ReadableRef;
using detail::StubRef;
using detail::WritableRef;

namespace {

constexpr std::size_t kMostKept = 64;

// One per method. What is missing among the arguments is undefined, as in JavaScript.
struct Call {
  World& world;
  Array& arguments;

  Value argument(std::size_t index) const {
    return index < arguments.size() ? arguments[index] : Value();
  }
};

Value echo(Call call) { return call.argument(0); }
Value fail(Call) { throw Error::range_error("asked to fail"); }
Value later(Call call) { return call.world.give_promise(); }

// Calls what it is given, with what else it is given, and answers with the promise.
Value call_back(Call call) {
  const HookRef hook = hook_in(call.argument(0));
  if (!hook) return nullptr;
  Array rest(std::make_move_iterator(call.arguments.begin() + 1),
             std::make_move_iterator(call.arguments.end()));
  return PromiseRef{hook->call({}, detail::Arguments{std::move(rest)})};
}

// The same, but looks at no result and keeps it.
Value poke(Call call) {
  const HookRef hook = hook_in(call.argument(0));
  if (hook && call.world.results.size() < kMostKept)
    call.world.results.push_back(hook->call({}, detail::Arguments{{call.argument(1)}}));
  return {};
}

Value keep(Call call) {
  if (call.world.kept.size() < kMostKept) call.world.kept.push_back(call.argument(0));
  return static_cast<double>(call.world.kept.size());
}

Value kept(Call call) { return call.world.kept.empty() ? Value() : call.world.kept.back(); }

Value drop(Call call) {
  const auto gone = std::exchange(call.world.kept, {});
  return static_cast<double>(gone.size());
}

// ---- Streams. What is given that is no stream is not touched.

HookRef readable_in(const Value& value) {
  const auto* stream = value.get_if<ReadableRef>();
  return stream ? stream->hook : nullptr;
}
HookRef writable_in(const Value& value) {
  const auto* stream = value.get_if<WritableRef>();
  return stream ? stream->hook : nullptr;
}

Value read(Call call) {
  const HookRef stream = readable_in(call.argument(0));
  return stream ? Value(PromiseRef{detail::read_stream(stream)}) : Value();
}

Value cancel(Call call) {
  if (const HookRef stream = readable_in(call.argument(0)))
    detail::cancel_stream(stream, Error::range_error("asked to cancel"));
  return {};
}

Value collect(Call call) {
  const HookRef stream = readable_in(call.argument(0));
  return stream ? Value(PromiseRef{detail::collect_bytes(stream, 1000)}) : Value();
}

Value move(Call call) {
  const HookRef from = readable_in(call.argument(0));
  const HookRef to = writable_in(call.argument(1));
  return from && to ? Value(PromiseRef{detail::move_stream(from, to)}) : Value();
}

Value write(Call call) {
  const HookRef stream = writable_in(call.argument(0));
  if (!stream) return {};
  return PromiseRef{detail::write_stream(stream, call.argument(1))};
}

Value finish(Call call) {
  const HookRef stream = writable_in(call.argument(0));
  return stream ? Value(PromiseRef{detail::close_stream(stream)}) : Value();
}

// A stream whose other end is kept.
Value pipe(Call call) {
  auto [readable, writable] = detail::make_stream();
  if (call.world.kept.size() < kMostKept) call.world.kept.emplace_back(WritableRef{writable});
  return ReadableRef{std::move(readable)};
}

// Keeps chunks; the next one is welcome when an open promise has been settled.
class SlowSink final : public detail::Sink {
 public:
  explicit SlowSink(World& world) : world_(world) { ++world_.objects; }
  ~SlowSink() override { --world_.objects; }

 private:
  HookRef write(Value chunk) override {
    if (world_.kept.size() < kMostKept) world_.kept.push_back(std::move(chunk));
    if (world_.kept.size() % 4 == 3) throw Error::range_error("a sink that fails");
    return hook_in(world_.give_promise());
  }
  HookRef close() override { return hook_in(world_.give_promise()); }
  void abort(const Error&) override { world_.reject_first(); }

  World& world_;
};

Value sink(Call call) { return call.world.make_sink(); }

Value settle(Call call) {
  call.world.resolve_first(call.argument(0));
  return {};
}

Value nest(Call call) {
  return Object{
      {"a", call.argument(0)}, {"p", call.world.give_promise()}, {"s", call.world.make_object()}};
}

Value make(Call call) {
  if (HookRef told = hook_in(call.argument(0)))
    return StubRef{make_target(std::make_shared<Servant>(call.world, std::move(told)))};
  return call.world.make_object();
}

Value stop(Call call) {
  if (call.world.stop) call.world.stop();
  return {};
}

Value feed(Call call) {
  const Value text = call.argument(0);
  if (call.world.feed && text.is_string()) call.world.feed(text.get<std::string>());
  return {};
}

struct Row {
  std::string_view name;
  Value (*run)(Call call);
};
constexpr Row kMethods[] = {
    {"", echo},           {"echo", echo},     {"fail", fail},   {"later", later},
    {"call", call_back},  {"poke", poke},     {"keep", keep},   {"kept", kept},
    {"drop", drop},       {"settle", settle}, {"read", read},   {"cancel", cancel},
    {"collect", collect}, {"move", move},     {"write", write}, {"finish", finish},
    {"pipe", pipe},       {"sink", sink},     {"nest", nest},   {"make", make},
    {"stop", stop},       {"feed", feed},
};

const Row* find_method(std::string_view name) {
  for (const Row& row : kMethods)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

HookRef hook_in(const Value& value) {
  if (const auto* stub = value.get_if<StubRef>()) return stub->hook;
  if (const auto* promise = value.get_if<PromiseRef>()) return promise->hook;
  return nullptr;
}

Servant::~Servant() {
  --world_.objects;
  if (told_) static_cast<void>(told_->call({}, {}));
}

bool Servant::call(std::string_view method, Array& arguments, Value& result) {
  ++world_.calls;
  const Row* row = find_method(method);
  if (row) result = row->run({world_, arguments});
  return row != nullptr;
}

bool Servant::get(std::string_view property, Value& result) {
  if (property == "name") {
    result = "servant";
  } else if (property == "list") {
    result = Array{1, "two", world_.make_object(), Array{3, Object{{"a", 4}}}};
  } else if (property == "self") {
    result = world_.make_object();
  } else if (property == "sink") {
    result = world_.make_sink();
  } else if (property == "soon") {
    result = world_.give_promise();
  } else if (property == "bad") {
    throw Error::type_error("a getter that throws");
  } else {
    return false;
  }
  return true;
}

bool Servant::has_method(std::string_view name) const { return find_method(name) != nullptr; }

void World::resolve_first(Value value) {
  if (open.empty()) return;
  detail::Resolver first = std::move(open.front());
  open.pop_front();
  first.resolve(std::move(value));
}

void World::reject_first() {
  if (open.empty()) return;
  detail::Resolver first = std::move(open.front());
  open.pop_front();
  first.reject(Error::range_error("asked to reject"));
}

Value World::give_promise() {
  detail::Resolver& resolver = open.emplace_back();
  return PromiseRef{resolver.promise()};
}

Value World::make_sink() {
  return WritableRef{detail::make_sink_hook(std::make_unique<SlowSink>(*this))};
}

Value World::make_object() { return StubRef{make_target(std::make_shared<Servant>(*this))}; }

void World::clear() {
  while (!open.empty() || !kept.empty() || !results.empty()) {
    std::exchange(open, {});
    std::exchange(kept, {});
    std::exchange(results, {});
  }
}

}  // namespace capnweb::fuzz
