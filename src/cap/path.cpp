#include "cap/path.hpp"

#include <capnweb/detail/resolver.hpp>
#include <optional>
#include <variant>

#include "cap/copied.hpp"
#include "cap/map_replay.hpp"
#include "value/json_writer.hpp"

namespace capnweb::detail {

namespace {

std::string part_text(const PathPart& part) {
  if (auto* name = std::get_if<std::string>(&part)) return *name;
  std::string text;
  write_json_number(text, std::get<double>(part));
  return text;
}

// Where following a path ended.
struct Found {
  const Value* value = nullptr;             // a plain value, or
  HookRef hook = {};                        // a capability, and
  std::shared_ptr<const Path> before = {};  // what a promise of a property asks of it first, and
  PathView rest = {};                       // the rest of the path, or
  std::optional<Error> error = {};
};

const Value& undefined_value() {
  static const Value kUndefined;
  return kUndefined;
}

// An own property; every other kind of value has none (C-13, C-15, C-16).
const Value& step(const Value& value, const PathPart& part) {
  if (auto* name = std::get_if<std::string>(&part)) {
    if (is_object_prototype_name(*name)) return undefined_value();
    return value.is_object() ? value[*name] : undefined_value();
  }
  const double index = std::get<double>(part);
  if (auto* array = value.get_if<Array>()) {
    if (index >= 0 && index < static_cast<double>(array->size()) &&
        index == static_cast<double>(static_cast<std::size_t>(index)))
      return (*array)[static_cast<std::size_t>(index)];
    return undefined_value();
  }
  return value.is_object() ? value[part_text(part)] : undefined_value();
}

Found follow(const Value& root, PathView path, std::size_t from) {
  const Value* value = &root;
  for (std::size_t i = from; i <= path.size(); ++i) {
    if (auto* stub = value->get_if<StubRef>()) return {.hook = stub->hook, .rest = path.subspan(i)};
    if (auto* promise = value->get_if<PromiseRef>())
      return {.hook = promise->hook, .before = promise->path, .rest = path.subspan(i)};
    if (i == path.size()) break;
    if (value->is_undefined()) {
      auto* name = std::get_if<std::string>(&path[i]);
      if (!name || !is_object_prototype_name(*name))
        return {.error = property_of_undefined(path[i])};
    }
    value = &step(*value, path[i]);
  }
  return {.value = value};
}

// A capability that a path leads through follows the rest of it, in a value of its own, and so on:
// a peer can make results that name one another in a row, and a path through them all. Each takes
// stack, also of threads that have little, so their number has a bound that honest paths are far
// from. Where a path ends is none of them, so a handler that it calls starts its own from there.
class Hop {
 public:
  explicit Hop(const Found& found) noexcept : leads_on_(found.before || found.rest.size() > 1) {
    count += leads_on_;
  }
  ~Hop() { count -= leads_on_; }
  Hop(const Hop&) = delete;
  Hop& operator=(const Hop&) = delete;

  static bool is_one_too_many() noexcept { return count > kMost; }
  static HookRef refusal() {
    return make_rejected(Error::range_error("A path leads through more than " +
                                            std::to_string(kMost) +
                                            " capabilities; ask for a part of it first."));
  }

 private:
  static constexpr int kMost = 100;
  static constinit thread_local int count;

  const bool leads_on_;
};

constinit thread_local int Hop::count = 0;

// The whole path to ask of the capability that was met.
Path joined(const Found& found) {
  Path path = *found.before;
  path.insert(path.end(), found.rest.begin(), found.rest.end());
  return path;
}

}  // namespace

std::string path_text(PathView path) {
  std::string text;
  for (const PathPart& part : path) {
    if (&part != path.data()) text += '.';
    text += part_text(part);
  }
  return text;
}

Error not_a_function(PathView path) {
  return Error::type_error("'" + path_text(path) + "' is not a function.");
}

Error property_of_undefined(const PathPart& part) {
  return Error::type_error("Cannot read properties of undefined (reading '" + part_text(part) +
                           "')");
}

HookRef call_in_value(const Value& root, PathView path, std::size_t from, Arguments arguments) {
  Found found = follow(root, path, from);
  if (found.error) return make_rejected(std::move(*found.error));
  if (!found.hook) return make_rejected(not_a_function(path));
  const Hop hop(found);
  if (Hop::is_one_too_many()) return Hop::refusal();
  if (found.before) return found.hook->call(joined(found), std::move(arguments));
  return found.hook->call(found.rest, std::move(arguments));
}

HookRef get_in_value(const Value& root, PathView path, std::size_t from) {
  Found found = follow(root, path, from);
  if (found.error) return make_rejected(std::move(*found.error));
  if (!found.hook) return make_copied(*found.value);
  const Hop hop(found);
  if (Hop::is_one_too_many()) return Hop::refusal();
  if (found.before) return found.hook->get(joined(found));
  if (!found.rest.empty()) return found.hook->get(found.rest);
  // A capability at the very end: the promise of it, or itself if it is one.
  return make_resolved(Value(PromiseRef{std::move(found.hook)}));
}

HookRef map_in_value(const Value& root, PathView path, std::size_t from, MapProgram program) {
  Found found = follow(root, path, from);
  if (found.error) return make_rejected(std::move(*found.error));
  if (!found.hook) return replay_map(*found.value, std::move(program));
  const Hop hop(found);
  if (Hop::is_one_too_many()) return Hop::refusal();
  if (found.before) return found.hook->map(joined(found), std::move(program));
  return found.hook->map(found.rest, std::move(program));
}

}  // namespace capnweb::detail
