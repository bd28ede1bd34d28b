// devaluate.cpp: values as expressions.
#include "wire/devaluate.hpp"

#include <cmath>
#include <utility>

#include "value/base64.hpp"
#include "value/json_writer.hpp"

namespace capnweb {

using detail::HookRef;

namespace {

// Fixed, as in the reference (L-5).
constexpr std::size_t kMaxDepth = 256;
// What a peer learns of an exception that is not an Error: handlers throw those to their own side.
constexpr std::string_view kForeignText = "internal error";

Expected<Done> finish(bool done, Devaluator& devaluator) {
  if (done) return Done{};
  return devaluator.take_back();
}

}  // namespace

Expected<Done> devaluate(const Value& value, Exporter* exporter, Ownership ownership,
                         std::string& out) {
  Devaluator devaluator(exporter, ownership, out);
  return finish(devaluator.value(value, 0), devaluator);
}

Expected<Done> devaluate_arguments(std::span<const Value> arguments, Exporter* exporter,
                                   std::string& out) {
  Devaluator devaluator(exporter, Ownership::kOwned, out);
  return finish(devaluator.items(arguments, 0), devaluator);
}

Expected<Done> devaluate_error(const Error& error, Exporter* exporter, std::string& out) {
  Devaluator devaluator(exporter, Ownership::kNone, out);
  const Value* thrown = error.thrown_value();
  return finish(thrown ? devaluator.value(*thrown, 0) : devaluator.error(error, 0), devaluator);
}

void write_path(PathView path, std::string& out) {
  out += '[';
  for (const PathPart& part : path) {
    if (&part != path.data()) out += ',';
    if (auto* name = std::get_if<std::string>(&part)) {
      write_json_string(out, *name);
    } else {
      write_json_number(out, std::get<double>(part));
    }
  }
  out += ']';
}

// ---- Taking back

bool Devaluator::fail(Error error) {
  failure_ = std::move(error);
  return false;
}

void Devaluator::restore(std::size_t size, std::size_t exports) {
  out_.resize(size);
  while (exported_.size() > exports) {
    exporter_->unexport(exported_.back());
    exported_.pop_back();
  }
}

Error Devaluator::take_back() {
  restore(begin_, 0);
  return std::move(*failure_);
}

// ---- Data

bool Devaluator::value(const Value& value, std::size_t depth) {
  if (depth >= kMaxDepth)  // V-33
    return fail(Error("Serialization exceeded maximum allowed depth. "
                      "(Does the message contain cycles?)"));
  switch (value.kind()) {
    case Kind::kUndefined:
      out_ += R"(["undefined"])";
      return true;
    case Kind::kNull:
      out_ += "null";
      return true;
    case Kind::kBoolean:
      out_ += value.get<bool>() ? "true" : "false";
      return true;
    case Kind::kNumber: {
      const double number = value.get<double>();
      if (std::isfinite(number)) {
        write_json_number(out_, number);
      } else {
        out_ += std::isnan(number) ? R"(["nan"])" : number > 0 ? R"(["inf"])" : R"(["-inf"])";
      }
      return true;
    }
    case Kind::kString:
      write_json_string(out_, value.get<std::string>());
      return true;
    case Kind::kArray: {  // escaped: wrapped once more (V-26)
      out_ += '[';
      if (!items(value.get<Array>(), depth)) return false;
      out_ += ']';
      return true;
    }
    case Kind::kObject:
      return object(value.get<Object>(), depth);
    case Kind::kBytes:
      return bytes(value.get<Bytes>());
    case Kind::kBigInt:
      out_ += R"(["bigint",")" + value.get<BigInt>().to_string() + "\"]";
      return true;
    case Kind::kDate: {
      const Date& date = value.get<Date>();
      out_ += R"(["date",)";
      if (date.is_valid()) {
        write_json_number(out_, date.milliseconds);
      } else {
        out_ += "null";
      }
      out_ += ']';
      return true;
    }
    case Kind::kError:
      return error(value.get<Error>(), depth);
    case Kind::kUrl:
      out_ += R"(["url",)";
      write_json_string(out_, value.get<Url>().href);
      out_ += ']';
      return true;
    case Kind::kHeaders:
      out_ += R"(["headers",)";
      header_pairs(value.get<Headers>());
      out_ += ']';
      return true;
    case Kind::kRequest:
      return request(value.get<Request>());
    case Kind::kResponse:
      return response(value.get<Response>());
    case Kind::kBlob:
      return blob(value.get<Blob>());
    case Kind::kStub:
      return stub(*value.get_if<detail::StubRef>());
    case Kind::kPromise:
      return promise(*value.get_if<detail::PromiseRef>());
    case Kind::kReadableStream:
      return readable(value.get_if<detail::ReadableRef>()->hook);
    case Kind::kWritableStream:
      return writable(value.get_if<detail::WritableRef>()->hook);
  }
  return true;
}

bool Devaluator::items(std::span<const Value> items, std::size_t depth) {
  out_ += '[';
  for (const Value& item : items) {
    if (&item != items.data()) out_ += ',';
    if (!value(item, depth + 1)) return false;
  }
  out_ += ']';
  return true;
}

bool Devaluator::object(const Object& object, std::size_t depth) {
  out_ += '{';
  bool is_first = true;
  for (const auto& [key, item] : object) {
    if (key == "__proto__") continue;  // V-31
    if (!std::exchange(is_first, false)) out_ += ',';
    write_json_string(out_, key);
    out_ += ':';
    if (!value(item, depth + 1)) return false;
  }
  out_ += '}';
  return true;
}

bool Devaluator::bytes(const Bytes& bytes) {
  out_ += R"(["bytes",")";
  append_base64(out_, bytes.span());
  out_ += '"';
  if (bytes.kind() != BytesKind::kUint8Array) {
    out_ += ",\"";
    out_ += bytes_kind_name(bytes.kind());
    out_ += '"';
  }
  out_ += ']';
  return true;
}

// ---- Errors (V-35 to V-40)

bool Devaluator::error(const Error& original, std::size_t depth) {
  const std::optional<Error> rewritten =
      exporter_ ? exporter_->on_send_error(original) : std::nullopt;
  const Error& error = rewritten ? *rewritten : original;
  const bool is_withheld = !rewritten && error.is_foreign();
  out_ += R"(["error",)";
  write_json_string(out_, error.name());
  out_ += ',';
  write_json_string(out_, is_withheld ? kForeignText : std::string_view(error.message()));

  const bool has_stack = rewritten && error.stack();  // E-1
  if (has_stack) {
    out_ += ',';
    write_json_string(out_, *error.stack());
  }
  const std::size_t before = out_.size();
  out_ += has_stack ? ",{" : ",null,{";
  bool is_first = true;
  for (const auto& [key, property] : error.properties())
    if (!error_property(key, property, depth + 1, is_first)) return false;
  if (is_first) {
    out_.resize(before);
  } else {
    out_ += '}';
  }
  out_ += ']';
  return true;
}

// A property that cannot be sent is left out; the error itself always travels (V-39).
bool Devaluator::error_property(std::string_view key, const Value& property, std::size_t depth,
                                bool& is_first) {
  if (key == "name" || key == "message" || key == "stack" || key == "__proto__") return true;
  const std::size_t size = out_.size();
  const std::size_t exports = exported_.size();
  if (!is_first) out_ += ',';
  write_json_string(out_, key);
  out_ += ':';
  if (value(property, depth)) {
    is_first = false;
  } else {
    restore(size, exports);
    failure_.reset();
  }
  return true;
}

// ---- Capabilities

bool Devaluator::may_export(std::string_view what) {
  if (!exporter_)  // V-66
    return fail(Error("Can't serialize " + std::string(what) + " in this context."));
  if (ownership_ == Ownership::kNone)  // V-40
    return fail(Error("Can't send " + std::string(what) + " in the error of a call."));
  return true;
}

void Devaluator::put_id(std::int64_t id) { write_json_integer(out_, id); }

bool Devaluator::put_export(std::string_view name, Expected<ExportId> id) {
  if (!id) return fail(std::move(id.error()));
  exported_.push_back(*id);
  out_ += "[\"";
  out_ += name;
  out_ += "\",";
  put_id(static_cast<std::int64_t>(*id));
  out_ += ']';
  return true;
}

bool Devaluator::stub(const detail::StubRef& stub) {
  if (!may_export("RPC stubs")) return false;
  if (auto id = exporter_->find_import(*stub.hook)) {  // V-58
    out_ += R"(["import",)";
    put_id(static_cast<std::int64_t>(*id));
    out_ += ']';
    return true;
  }
  return put_export("export", exporter_->export_stub(stub.hook));
}

bool Devaluator::promise(const detail::PromiseRef& promise) {
  if (!may_export("RPC stubs")) return false;
  if (auto id = exporter_->find_import(*promise.hook)) {
    out_ += R"(["pipeline",)";
    put_id(static_cast<std::int64_t>(*id));
    if (promise.path) {
      out_ += ',';
      write_path(*promise.path, out_);
    }
    out_ += ']';
    return true;
  }
  HookRef hook = promise.path ? promise.hook->get(*promise.path) : promise.hook;
  if (hook->is_stub()) return stub({std::move(hook)});
  return put_export("promise", exporter_->export_promise(std::move(hook)));
}

bool Devaluator::readable(const HookRef& hook) {
  if (!may_export("ReadableStream")) return false;
  auto id = exporter_->create_pipe(hook);
  if (!id) return fail(std::move(id.error()));
  out_ += R"(["readable",)";
  put_id(static_cast<std::int64_t>(*id));
  out_ += ']';
  return true;
}

bool Devaluator::writable(const HookRef& hook) {
  if (!may_export("WritableStream")) return false;
  return put_export("writable", exporter_->export_writable(hook));
}

}  // namespace capnweb
