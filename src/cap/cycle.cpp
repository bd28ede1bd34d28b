#include "cap/cycle.hpp"

#include <unordered_set>

#include "cap/settling_hook.hpp"

namespace capnweb::detail {

namespace {

// As many as a session's tables may hold. What is larger counts as a circle.
constexpr std::size_t kMostPromises = 100'000;

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
      append_references(value.get<Error>().properties(), out);
      if (const Value* thrown = value.get<Error>().thrown_value()) append_references(*thrown, out);
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

bool leads_back(const SettlingHook& promise) {
  std::vector<const Hook*> ahead;
  promise.append_needs(ahead);
  if (ahead.empty()) return false;
  std::unordered_set<const Hook*> seen;
  while (!ahead.empty()) {
    const Hook* hook = ahead.back();
    ahead.pop_back();
    if (hook == &promise) return true;
    const auto* next = dynamic_cast<const SettlingHook*>(hook);
    if (!next || !seen.insert(next).second) continue;
    if (seen.size() > kMostPromises) return true;
    next->append_needs(ahead);
  }
  return false;
}

}  // namespace capnweb::detail
