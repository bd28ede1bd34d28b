// devaluate.cpp: values as expressions.
#include "wire/devaluate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "value/base64.hpp"
#include "value/json_writer.hpp"
#include "wire/data_rules.hpp"
#include "wire/fetch_rules.hpp"

namespace capnweb {

namespace {

// As deep as is_plain_data() looks.
constexpr std::size_t kMaxPlainDepth = 64;

bool is_plain(const Value& value, std::size_t depth) noexcept {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kBoolean:
    case Kind::kNumber:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kBigInt:
    case Kind::kDate:
    case Kind::kUrl:
    case Kind::kHeaders:
      return true;
    case Kind::kArray:
      return depth < kMaxPlainDepth &&
             std::ranges::all_of(
                 *value.get_if<Array>(),
                 [depth](const Value& item) { return is_plain(item, depth + 1); });
    case Kind::kObject:
      return depth < kMaxPlainDepth &&
             std::ranges::all_of(
                 *value.get_if<Object>(),
                 [depth](const Object::Entry& entry) { return is_plain(entry.second, depth + 1); });
    case Kind::kError:  // on_send_error() sees it
    case Kind::kRequest:
    case Kind::kResponse:
    case Kind::kBlob:
    case Kind::kStub:
    case Kind::kPromise:
    case Kind::kReadableStream:
    case Kind::kWritableStream:
      break;
  }
  return false;
}

Expected<Done> finish(bool is_done, Devaluator& devaluator) {
  if (is_done) return Done{};
  return devaluator.take_back();
}

}  // namespace

bool is_plain_data(const Value& value) noexcept { return is_plain(value, 0); }

bool are_plain_data(std::span<const Value> values) noexcept {
  return std::ranges::all_of(values, is_plain_data);
}

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
  if (devaluator.error(error, 0)) return Done{};
  // A thrown value that cannot be sent: the peer learns why instead (M-33).
  const Error reason = devaluator.take_back();
  return finish(devaluator.error(reason, 0), devaluator);
}

void write_path(PathView path, std::string& out) {
  out += '[';
  for (const PathPart& part : path) {
    if (&part != path.data()) out += ',';
    const auto* index = std::get_if<double>(&part);
    if (!index) {
      write_json_string(out, std::get<std::string>(part));
    } else if (std::isnan(*index)) {
      out += R"("NaN")";  // the property that JavaScript would look for
    } else {
      write_exact_number(out, *index);
    }
  }
  out += ']';
}

// ---- Failing

bool Devaluator::fail(Error error) {
  failure_ = std::move(error);
  return false;
}

bool Devaluator::is_too_deep(std::size_t depth) {
  if (depth < kMaxSentDepth) return false;
  fail(too_deep_to_send());
  return true;
}

void Devaluator::restore(Mark mark) {
  out_.resize(mark.size);
  while (exported_.size() > mark.exports) {
    exporter_->unexport(exported_.back());
    exported_.pop_back();
  }
  while (pipes_.size() > mark.pipes) {
    exporter_->abandon_pipe(pipes_.back());
    pipes_.pop_back();
  }
}

Error Devaluator::take_back() {
  restore({.size = begin_});
  return *std::exchange(failure_, std::nullopt);
}

// ---- Any value

bool Devaluator::value(const Value& value, std::size_t depth) {
  if (is_too_deep(depth)) return false;
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
    case Kind::kNumber:
      number(value.get<double>());
      return true;
    case Kind::kString:
      write_json_string(out_, value.get<std::string>());
      return true;
    case Kind::kArray:  // escaped: wrapped once more (V-26)
      out_ += '[';
      if (!items(value.get<Array>(), depth)) return false;
      out_ += ']';
      return true;
    case Kind::kObject:
      return object(value.get<Object>(), depth);
    case Kind::kBytes:
      return bytes(value.get<Bytes>());
    case Kind::kBigInt:
      out_ += R"(["bigint",")";
      out_ += value.get<BigInt>().to_string();
      out_ += "\"]";
      return true;
    case Kind::kDate:
      date(value.get<Date>());
      return true;
    case Kind::kError:
      return error(value.get<Error>(), depth);
    case Kind::kUrl:
      return url(value.get<Url>());
    case Kind::kHeaders:
      return headers(value.get<Headers>());
    case Kind::kRequest:
      return request(value.get<Request>(), depth);
    case Kind::kResponse:
      return response(value.get<Response>(), depth);
    case Kind::kBlob:
      return blob(value.get<Blob>(), depth);
    case Kind::kStub:
      return stub(value.get_if<detail::StubRef>()->hook);
    case Kind::kPromise:
      return promise(*value.get_if<detail::PromiseRef>());
    case Kind::kReadableStream:
      return readable(value.get_if<detail::ReadableRef>()->hook);
    case Kind::kWritableStream:
      break;
  }
  return writable(value.get_if<detail::WritableRef>()->hook);
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

// ---- Plain data

void Devaluator::number(double number) {
  if (std::isfinite(number)) {
    write_json_number(out_, number);
  } else if (std::isnan(number)) {
    out_ += R"(["nan"])";
  } else {
    out_ += number > 0 ? R"(["inf"])" : R"(["-inf"])";
  }
}

void Devaluator::date(Date date) {
  const double time = time_clip(date.milliseconds);
  out_ += R"(["date",)";
  if (std::isnan(time)) {
    out_ += "null";
  } else {
    write_json_number(out_, time);
  }
  out_ += ']';
}

bool Devaluator::bytes(const Bytes& bytes) {
  if (auto misaligned = check_alignment(bytes)) return fail(*std::move(misaligned));
  out_ += R"(["bytes",")";
  append_base64(out_, bytes.span());
  out_ += '"';
  if (bytes.kind() != BytesKind::kUint8Array) {  // the one that is never named (V-19)
    out_ += ",\"";
    out_ += bytes_kind_name(bytes.kind());
    out_ += '"';
  }
  out_ += ']';
  return true;
}

bool Devaluator::url(const Url& url) {
  if (auto invalid = check_url(url.href)) return fail(*std::move(invalid));
  out_ += R"(["url",)";
  write_json_string(out_, url.href);
  out_ += ']';
  return true;
}

// ---- Errors (V-35 to V-40)

bool Devaluator::error(const Error& original, std::size_t depth) {
  if (const Value* thrown = original.thrown_value()) return value(*thrown, depth);  // V-44
  auto rewritten = exporter_ ? exporter_->on_send_error(original) : std::nullopt;
  if (rewritten) {
    sent_error(*rewritten, rewritten->message(), rewritten->stack().value_or(""), depth);
  } else {
    sent_error(original,
               original.is_foreign() ? kForeignText : std::string_view(original.message()), "",
               depth);
  }
  return true;
}

// ["error",name,message], then the stack if there is one, then the properties if there are any. A
// stack goes out only if the application's on_send_error gave one (E-1).
void Devaluator::sent_error(const Error& error, std::string_view message, std::string_view stack,
                            std::size_t depth) {
  out_ += R"(["error",)";
  write_json_string(out_, error.name());
  out_ += ',';
  write_json_string(out_, message);
  if (!stack.empty()) {
    out_ += ',';
    write_json_string(out_, stack);
  }
  const std::size_t before = out_.size();
  out_ += stack.empty() ? ",null," : ",";
  char separator = '{';
  for (const auto& [key, property] : error.properties()) {
    const std::size_t size = out_.size();
    out_ += separator;
    if (error_property(key, property, depth + 1)) {
      separator = ',';
    } else {
      out_.resize(size);
    }
  }
  if (separator == '{') {
    out_.resize(before);
  } else {
    out_ += '}';
  }
  out_ += ']';
}

// A property that cannot be sent is left out; the error itself always travels (V-39).
bool Devaluator::error_property(std::string_view key, const Value& property, std::size_t depth) {
  if (key == "name" || key == "message" || key == "stack" || key == "__proto__") return false;
  const Mark before = mark();
  write_json_string(out_, key);
  out_ += ':';
  if (value(property, depth)) return true;
  failure_.reset();
  restore(before);
  return false;
}

}  // namespace capnweb
