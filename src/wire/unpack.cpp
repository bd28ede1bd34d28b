// unpack.cpp: a parcel's values with their capabilities back in place, and the call that they are
// the arguments of.
#include <utility>

#include "wire/parcel.hpp"

namespace capnweb {

namespace {

using detail::HookRef;

// Walks in the order in which the values were packed. Each function tells whether it could.
class Unpacker {
 public:
  Unpacker(Parcel& parcel, Importer& importer) : parcel_(parcel), importer_(importer) {}

  bool values();
  bool content(Value& out);
  bool request(Value& out);

  bool holds_promises() const noexcept { return holds_promises_; }
  // REQUIRES: a function gave false.
  Error take_error() { return *std::move(error_); }

 private:
  bool value(Value& place);
  bool properties(Error& error);
  bool claim(Value& place);
  bool captures(detail::MapProgram& program);
  bool find_export(std::int64_t id, HookRef& out) {
    return take(importer_.find_export(static_cast<ExportId>(id)), out);
  }
  bool take(Expected<HookRef> hook, HookRef& out);
  void put_promise(HookRef hook, Value& out);

  Parcel& parcel_;
  Importer& importer_;
  std::size_t next_claim_ = 0;
  bool holds_promises_ = false;
  std::optional<Error> error_;
};

bool Unpacker::take(Expected<HookRef> hook, HookRef& out) {
  if (!hook) {
    error_ = std::move(hook.error());
    return false;
  }
  out = *std::move(hook);
  return true;
}

// The promise of a plain capability is that capability: there is nothing to wait for.
void Unpacker::put_promise(HookRef hook, Value& out) {
  if (hook->is_stub()) {
    out = detail::StubRef{std::move(hook)};
  } else {
    holds_promises_ = true;
    out = detail::PromiseRef{std::move(hook)};
  }
}

// Plain data is as it has to be.
bool Unpacker::values() {
  if (next_claim_ == parcel_.claims.size()) return true;
  for (Value& each : parcel_.values)
    if (!value(each)) return false;
  return true;
}

bool Unpacker::value(Value& place) {
  switch (place.kind()) {
    case Kind::kArray:
      for (Value& item : *place.get_if<Array>())
        if (!value(item)) return false;
      return true;
    case Kind::kObject:
      for (auto& [key, item] : *place.get_if<Object>())
        if (!value(item)) return false;
      return true;
    case Kind::kError:
      return properties(*place.get_if<Error>());
    case Kind::kRequest:
      return value(place.get_if<Request>()->body);
    case Kind::kResponse:
      return value(place.get_if<Response>()->body);
    case Kind::kStub:
    case Kind::kPromise:
    case Kind::kReadableStream:
    case Kind::kWritableStream:
      return claim(place);
    default:
      return true;
  }
}

bool Unpacker::properties(Error& error) {
  Object unpacked = error.properties();
  for (auto& [key, property] : unpacked) {
    if (!value(property)) return false;
    error.set_property(key, std::move(property));
  }
  return true;
}

bool Unpacker::claim(Value& place) {
  Claim& claim = parcel_.claims[next_claim_++];
  HookRef hook;
  switch (claim.kind) {
    case Claim::Kind::kImport:
      if (!find_export(claim.id, hook)) return false;
      place = detail::StubRef{std::move(hook)};
      return true;
    case Claim::Kind::kPipeline:
      if (!find_export(claim.id, hook)) return false;
      // A promise that a map has captured came like a stub.
      if (!claim.path.empty() || hook->is_stub()) hook = hook->get(claim.path);
      put_promise(std::move(hook), place);
      return true;
    case Claim::Kind::kExport:
      if (!take(importer_.import_stub(static_cast<ImportId>(claim.id)), hook)) return false;
      place = detail::StubRef{std::move(hook)};
      return true;
    case Claim::Kind::kPromise:
      if (!take(importer_.import_promise(static_cast<ImportId>(claim.id)), hook)) return false;
      put_promise(std::move(hook), place);
      return true;
    case Claim::Kind::kWritable:
      if (!take(importer_.import_writable(static_cast<ImportId>(claim.id)), hook)) return false;
      place = detail::WritableRef{std::move(hook)};
      return true;
    case Claim::Kind::kReadable:
      break;
  }
  if (!take(importer_.take_readable(static_cast<ExportId>(claim.id)), hook)) return false;
  place = detail::ReadableRef{std::move(hook)};
  return true;
}

bool Unpacker::captures(detail::MapProgram& program) {
  for (const Claim& claim : parcel_.claims) {
    HookRef hook;
    if (claim.kind == Claim::Kind::kImport) {
      if (!find_export(claim.id, hook)) return false;
    } else if (!take(importer_.import_stub(static_cast<ImportId>(claim.id)), hook)) {
      return false;
    }
    program.captures.emplace_back(detail::StubRef{std::move(hook)});
  }
  return true;
}

bool Unpacker::content(Value& out) {
  if (!values()) return false;
  if (!parcel_.values.empty()) out = std::move(parcel_.values.front());
  return true;
}

// As Evaluator::reference() and remap().
bool Unpacker::request(Value& out) {
  HookRef target;
  if (!find_export(parcel_.id, target)) return false;
  HookRef result;
  switch (parcel_.request) {
    case Parcel::Request::kCall: {
      if (!values()) return false;
      detail::Arguments arguments{std::move(parcel_.values)};
      arguments.may_hold_promises = std::exchange(holds_promises_, false);
      result = target->call(parcel_.path, std::move(arguments));
      break;
    }
    case Parcel::Request::kGet:
      result = target->get(parcel_.path);
      break;
    case Parcel::Request::kMap: {
      detail::MapProgram program;
      if (!captures(program)) return false;
      program.instructions = std::move(parcel_.instructions);
      program.budget = importer_.map_budget();
      result = target->map(parcel_.path, std::move(program));
      break;
    }
  }
  put_promise(std::move(result), out);
  return true;
}

}  // namespace

Expected<Evaluated> unpack(Parcel& parcel, Importer& importer) {
  Unpacker unpacker(parcel, importer);
  Evaluated result;
  const bool is_request =
      parcel.type == Message::Type::kPush || parcel.type == Message::Type::kStream;
  const bool is_done = is_request ? unpacker.request(result.value) : unpacker.content(result.value);
  if (!is_done) return unpacker.take_error();
  result.holds_promises = unpacker.holds_promises();
  return result;
}

}  // namespace capnweb
