#include "cap/cycle.hpp"

#include <algorithm>
#include <capnweb/detail/call_meter.hpp>
#include <unordered_set>

namespace capnweb::detail {

namespace {

// A search takes time for each reference it comes to, and small messages of a peer could start one
// over everything it has made before, again and again. So each session has a store of them, to
// which every search adds: something, and more for each reference that is new with it.
constexpr std::size_t kEachSearch = 100;
constexpr std::size_t kEachReference = 16;

void add_to(std::size_t& store, std::size_t references) {
  const std::size_t added = kEachSearch + kEachReference * references;
  store = std::min(store + added, std::max(CallMeter::kMostSearches, added));
}

void append_references(const Object& object, std::vector<const Hook*>& out) {
  for (const auto& [key, item] : object) append_references(item, out);
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): values are built with bounded nesting.
void append_references(const Value& value, std::vector<const Hook*>& out) {
  switch (value.kind()) {
    case Kind::kArray:
      for (const Value& item : value.get<Array>()) append_references(item, out);
      break;
    case Kind::kObject:
      append_references(value.get<Object>(), out);
      break;
    case Kind::kError:
      append_references(value.get<Error>(), out);
      break;
    case Kind::kRequest:
      append_references(value.get<Request>().body, out);
      break;
    case Kind::kResponse:
      append_references(value.get<Response>().body, out);
      break;
    case Kind::kStub:
      out.push_back(value.get_if<StubRef>()->hook.get());
      break;
    case Kind::kPromise:
      out.push_back(value.get_if<PromiseRef>()->hook.get());
      break;
    case Kind::kReadableStream:
      out.push_back(value.get_if<ReadableRef>()->hook.get());
      break;
    case Kind::kWritableStream:
      out.push_back(value.get_if<WritableRef>()->hook.get());
      break;
    default:
      break;
  }
}

void append_references(const Error& error, std::vector<const Hook*>& out) {
  append_references(error.properties(), out);
  if (const Value* thrown = error.thrown_value()) append_references(*thrown, out);
}

std::optional<Error> find_circle(std::vector<const Hook*> from, const Hook& goal,
                                 const char* text) {
  std::size_t* const store = CallMeter::searches();
  if (store) add_to(*store, from.size());
  std::unordered_set<const Needs*> seen;
  bool is_final = true;
  while (!from.empty()) {
    const Hook* hook = from.back();
    from.pop_back();
    if (hook == &goal) return Error::type_error(text);
    if (store && *store == 0)
      return Error::range_error(
          "Too many results that name one another are searched for circles, again and again; "
          "release some, or send what they hold.");
    if (store) --*store;
    const auto* next = dynamic_cast<const Needs*>(hook);
    if (!next || next->is_closed() || !seen.insert(next).second) continue;
    is_final = is_final && next->is_final();
    next->append_needs(from);
  }
  if (is_final)
    for (const Needs* needs : seen) needs->set_closed();
  return std::nullopt;
}

}  // namespace capnweb::detail
