// pack.cpp: values on their way into a parcel. What devaluate*.cpp writes down is done here to the
// value itself, and what the evaluators would drop on the other side is dropped here already.
#include <cmath>
#include <optional>
#include <utility>

#include "wire/data_rules.hpp"
#include "wire/fetch_rules.hpp"
#include "wire/names.hpp"
#include "wire/parcel.hpp"

namespace capnweb {

namespace {

using detail::HookRef;

// Bytes that any value takes, and a claim.
constexpr std::size_t kValueSize = sizeof(Value);

// Each function leaves its value as the peer is to have it and tells whether it could; if not,
// take_back() says why and undoes what was exported.
class Packer {
 public:
  Packer(Parcel& parcel, Exporter& exporter, Ownership ownership)
      : parcel_(parcel), exporter_(exporter), ownership_(ownership) {}

  bool values(std::size_t depth);
  bool error(const Error& error, std::size_t depth, Value& out);
  // REQUIRES: a function gave false.
  Error take_back();

 private:
  bool value(Value& value, std::size_t depth);
  bool items(Array& items, std::size_t depth);
  bool object(Object& object, std::size_t depth);
  void properties(const Object& from, std::size_t depth, Error& to);

  // Capabilities: each takes the hook out of the value.
  bool stub(HookRef hook);
  bool promise(const detail::PromiseRef& promise);
  bool may_send(const char* what);
  bool is_alive(const HookRef& hook);
  template <class Id>
  bool claim(Claim::Kind kind, Expected<Id> id);

  // Headers, Request, Response, Blob.
  bool headers(Headers& headers);
  bool request(Request& request, std::size_t depth);
  bool response(Response& response, std::size_t depth);
  bool body(Value& body, std::size_t depth);
  bool plain(Value& value, std::size_t depth);
  bool plain_members(Object& init, std::size_t depth, std::span<const std::string_view> names);

  bool is_too_deep(std::size_t depth);
  bool fail(Error error);
  bool fail_if(std::optional<Error> error) { return !error || fail(*std::move(error)); }
  void restore(std::size_t claims);

  Parcel& parcel_;
  Exporter& exporter_;
  const Ownership ownership_;
  std::optional<Error> failure_;
};

// ---- Failing

bool Packer::fail(Error error) {
  failure_ = std::move(error);
  return false;
}

bool Packer::is_too_deep(std::size_t depth) {
  if (depth < kMaxSentDepth) return false;
  fail(too_deep_to_send());
  return true;
}

// Takes back what was exported since there were so many claims (O-24).
void Packer::restore(std::size_t claims) {
  while (parcel_.claims.size() > claims) {
    const Claim& last = parcel_.claims.back();
    switch (last.kind) {
      case Claim::Kind::kImport:
      case Claim::Kind::kPipeline:
        break;
      case Claim::Kind::kExport:
      case Claim::Kind::kPromise:
      case Claim::Kind::kWritable:
        exporter_.unexport(static_cast<ExportId>(last.id));
        break;
      case Claim::Kind::kReadable:
        exporter_.abandon_pipe(static_cast<ImportId>(last.id));
        break;
    }
    parcel_.claims.pop_back();
  }
}

Error Packer::take_back() {
  restore(0);
  return *std::exchange(failure_, std::nullopt);
}

// ---- Any value

bool Packer::values(std::size_t depth) {
  for (Value& each : parcel_.values)
    if (!value(each, depth)) return false;
  return true;
}

bool Packer::value(Value& value, std::size_t depth) {
  if (is_too_deep(depth)) return false;
  parcel_.size += kValueSize;
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kBoolean:
    case Kind::kNumber:
      return true;
    case Kind::kString:
      parcel_.size += value.get_if<std::string>()->size();
      return true;
    case Kind::kArray:
      return items(*value.get_if<Array>(), depth);
    case Kind::kObject:
      return object(*value.get_if<Object>(), depth);
    case Kind::kBytes:
      parcel_.size += value.get_if<Bytes>()->size();
      return fail_if(check_alignment(*value.get_if<Bytes>()));
    case Kind::kBigInt:
      parcel_.size += value.get_if<BigInt>()->size();
      return true;
    case Kind::kDate:
      value = Date{time_clip(value.get_if<Date>()->milliseconds)};
      return true;
    case Kind::kError:
      return error(Error(*value.get_if<Error>()), depth, value);
    case Kind::kUrl:
      parcel_.size += value.get_if<Url>()->href.size();
      return fail_if(check_url(value.get_if<Url>()->href));
    case Kind::kHeaders:
      return headers(*value.get_if<Headers>());
    case Kind::kRequest:
      return request(*value.get_if<Request>(), depth);
    case Kind::kResponse:
      return response(*value.get_if<Response>(), depth);
    case Kind::kBlob:
      // Whole: nobody has to wait for its bytes, as the text has them do (V-53).
      parcel_.size += value.get_if<Blob>()->bytes.size();
      return may_send("Blob");
    case Kind::kStub:
      return stub(std::move(value.get_if<detail::StubRef>()->hook));
    case Kind::kPromise:
      return promise(std::exchange(*value.get_if<detail::PromiseRef>(), {}));
    case Kind::kReadableStream: {
      const HookRef hook = std::move(value.get_if<detail::ReadableRef>()->hook);
      return may_send("ReadableStream") && is_alive(hook) &&
             claim(Claim::Kind::kReadable, exporter_.create_pipe(hook));
    }
    case Kind::kWritableStream:
      break;
  }
  const HookRef hook = std::move(value.get_if<detail::WritableRef>()->hook);
  return may_send("WritableStream") && is_alive(hook) &&
         claim(Claim::Kind::kWritable, exporter_.export_writable(hook));
}

bool Packer::items(Array& items, std::size_t depth) {
  for (Value& item : items)
    if (!value(item, depth + 1)) return false;
  return true;
}

// Without the keys that no receiver keeps (V-30, V-31).
bool Packer::object(Object& object, std::size_t depth) {
  std::vector<std::string> forbidden;
  for (auto& [key, item] : object) {
    if (is_forbidden_key(key)) {
      forbidden.push_back(key);
      continue;
    }
    parcel_.size += key.size();
    if (!value(item, depth + 1)) return false;
  }
  for (const std::string& key : forbidden) object.erase(key);
  return true;
}

// ---- Errors (V-35 to V-42)

// Always a new one: copies of an error share what they hold, and must not do so across threads.
bool Packer::error(const Error& original, std::size_t depth, Value& out) {
  if (const Value* thrown = original.thrown_value()) {  // V-44
    out = Value(*thrown);
    return value(out, depth);
  }
  const std::optional<Error> rewritten = exporter_.on_send_error(original);
  const Error& sent = rewritten ? *rewritten : original;
  const bool hides_text = !rewritten && original.is_foreign();
  Error copy(is_error_name(sent.name()) ? sent.name() : "Error",
             hides_text ? std::string(kForeignText) : sent.message());
  parcel_.size += copy.message().size();
  if (rewritten && !sent.stack().value_or("").empty()) copy.set_stack(sent.stack());  // E-1
  properties(sent.properties(), depth + 1, copy);
  if (copy.name() == "AggregateError" && !copy.properties().contains("errors"))
    copy.set_property("errors", Array());
  out = std::move(copy);
  return true;
}

// A property that cannot be sent is left out; the error itself always travels (V-39).
void Packer::properties(const Object& from, std::size_t depth, Error& to) {
  for (const auto& [key, property] : from) {
    if (key == "name" || key == "message" || key == "stack" || is_forbidden_key(key)) continue;
    const std::size_t before = parcel_.claims.size();
    Value copy = property;
    if (value(copy, depth)) {
      to.set_property(key, std::move(copy));
    } else {
      failure_.reset();
      restore(before);
    }
  }
}

// ---- Capabilities

// Nobody would own what is sent in the error of a reject (V-40).
bool Packer::may_send(const char* what) {
  if (ownership_ == Ownership::kOwned) return true;
  return fail(Error("Can't serialize " + std::string(what) + " in this context."));
}

// A value that was moved from has let go of its capability.
bool Packer::is_alive(const HookRef& hook) {
  return hook || fail(Error("Attempted to use RPC stub after it has been disposed."));
}

template <class Id>
bool Packer::claim(Claim::Kind kind, Expected<Id> id) {
  if (!id) return fail(std::move(id.error()));
  parcel_.claims.push_back({kind, static_cast<std::int64_t>(*id)});
  return true;
}

bool Packer::stub(HookRef hook) {
  if (!may_send("RPC stubs") || !is_alive(hook)) return false;
  if (auto id = exporter_.find_import(*hook))
    return claim(Claim::Kind::kImport, Expected<ImportId>(*id));
  return claim(Claim::Kind::kExport, exporter_.export_stub(std::move(hook)));  // V-59
}

bool Packer::promise(const detail::PromiseRef& promise) {
  if (!may_send("RPC stubs") || !is_alive(promise.hook)) return false;
  const PathView path = promise.path_view();
  if (auto id = exporter_.find_import(*promise.hook)) {  // V-58
    claim(Claim::Kind::kPipeline, Expected<ImportId>(*id));
    parcel_.claims.back().path.assign(path.begin(), path.end());
    return true;
  }
  // The export has to own what it promises: a property becomes a promise of its own.
  HookRef hook = path.empty() ? promise.hook : promise.hook->get(path);
  if (hook->is_stub()) return claim(Claim::Kind::kExport, exporter_.export_stub(std::move(hook)));
  return claim(Claim::Kind::kPromise, exporter_.export_promise(std::move(hook)));
}

// ---- Headers, Request, Response

bool Packer::headers(Headers& headers) {
  if (auto invalid = check_headers(headers)) return fail(*std::move(invalid));
  Headers sorted;
  for (const auto& [name, content] : headers.sorted()) {
    sorted.append(name, content);
    parcel_.size += name.size() + content.size();
  }
  headers = std::move(sorted);
  return true;
}

// Always a stream, also for a body at hand (V-48).
bool Packer::body(Value& body, std::size_t depth) {
  if (!has_body(body)) {
    body = nullptr;
    return true;
  }
  if (body.get_if<detail::ReadableRef>()) return value(body, depth);
  if (is_too_deep(depth) || !may_send("ReadableStream")) return false;
  Bytes bytes;
  if (const auto* text = body.get_if<std::string>()) {
    bytes = encode_utf8(*text);
  } else if (auto* given = body.get_if<Bytes>()) {
    bytes = Bytes(std::move(given->vector()));
  } else {
    return fail(not_a_body(body));
  }
  body = detail::ReadableRef{};
  return claim(Claim::Kind::kReadable, exporter_.create_pipe(std::move(bytes)));
}

// As JSON.stringify has it.
bool Packer::plain(Value& value, std::size_t depth) {
  if (is_too_deep(depth)) return false;
  parcel_.size += kValueSize;
  if (auto* array = value.get_if<Array>()) {
    for (Value& item : *array)
      if (!plain(item, depth + 1)) return false;
    return true;
  }
  if (auto* object = value.get_if<Object>()) {
    Object kept;
    for (auto& [key, item] : *object) {
      if (item.is_undefined()) continue;
      if (!plain(item, depth + 1)) return false;
      kept.set(key, std::move(item));
    }
    *object = std::move(kept);
    return true;
  }
  const auto* number = value.get_if<double>();
  if (value.is_undefined() || (number && !std::isfinite(*number))) value = nullptr;
  if (const auto* text = value.get_if<std::string>()) parcel_.size += text->size();
  if (value.is_null() || value.is_boolean() || value.is_number() || value.is_string()) return true;
  return fail(not_plain(value));
}

bool Packer::plain_members(Object& init, std::size_t depth,
                           std::span<const std::string_view> names) {
  Object kept;
  for (const std::string_view name : names) {
    Value* found = init.find(name);
    if (!found || found->is_undefined()) continue;
    if (!plain(*found, depth)) return false;
    kept.set(std::string(name), std::move(*found));
  }
  init = std::move(kept);
  return true;
}

bool Packer::request(Request& request, std::size_t depth) {
  if (auto invalid = check_request(request)) return fail(*std::move(invalid));
  request.method = normalized_method(request.method);
  request.headers = complete_headers(request.headers, request.body);
  parcel_.size += request.url.size();
  return headers(request.headers) && body(request.body, depth + 1) &&
         plain_members(request.init, depth + 1, kRequestMembers);
}

bool Packer::response(Response& response, std::size_t depth) {
  if (auto invalid = check_response(response)) return fail(*std::move(invalid));
  response.headers = complete_headers(response.headers, response.body);
  if (is_too_deep(depth + 1)) return false;  // also the null of a missing body (L-2)
  return headers(response.headers) && body(response.body, depth + 1) &&
         plain_members(response.init, depth + 1, kResponseMembers);
}

Expected<Done> finish(bool is_done, Packer& packer) {
  if (is_done) return Done{};
  return packer.take_back();
}

}  // namespace

Expected<Done> pack(Parcel& parcel, Exporter& exporter, Ownership ownership) {
  parcel.size += sizeof(Parcel);
  Packer packer(parcel, exporter, ownership);
  // The arguments are as deep as the elements of an array (L-3).
  const bool has_arguments =
      parcel.type == Message::Type::kPush || parcel.type == Message::Type::kStream;
  return finish(packer.values(has_arguments ? 1 : 0), packer);
}

Expected<Done> pack_error(Parcel& parcel, const Error& error, Exporter& exporter) {
  parcel.size += sizeof(Parcel);
  Packer packer(parcel, exporter, Ownership::kNone);
  parcel.values.resize(1);
  if (packer.error(error, 0, parcel.values.front())) return Done{};
  // A thrown value that cannot be sent: the peer learns why instead (M-33).
  const Error reason = packer.take_back();
  return finish(packer.error(reason, 0, parcel.values.front()), packer);
}

}  // namespace capnweb
