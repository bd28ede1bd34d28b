// evaluate_fetch.cpp: URL, Headers, Request and Response (section 1.8 of the rules).
#include <cmath>
#include <utility>

#include "wire/evaluate.hpp"
#include "wire/fetch_rules.hpp"
#include "wire/json_entries.hpp"

namespace capnweb {

namespace {

// A member of an init object, the last of that name, if there is one. An array passes for an object
// without members, as in JavaScript (V-49).
std::optional<JsonView> find_member(JsonView init, std::string_view name) {
  std::optional<JsonView> found;
  if (!init.is_object()) return found;
  for (const auto [key, value] : JsonEntries(init))
    if (key == name) found = value;
  return found;
}

bool is_truthy(JsonView json) {
  switch (json.type()) {
    case JsonType::kNull:
    case JsonType::kFalse:
      return false;
    case JsonType::kNumber:
      return json.number() != 0;
    case JsonType::kString:
      return !json.string().empty();
    case JsonType::kTrue:
    case JsonType::kArray:
    case JsonType::kObject:
      break;
  }
  return true;
}

std::optional<JsonView> find_truthy_member(JsonView init, std::string_view name) {
  const auto found = find_member(init, name);
  return found && is_truthy(*found) ? found : std::nullopt;
}

// A member that has to be a text.
Expected<std::string> read_text(JsonView init, std::string_view name, std::string otherwise) {
  const auto found = find_member(init, name);
  if (!found) return otherwise;
  if (found->is_string()) return std::string(found->string());
  return Error::type_error("The member " + std::string(name) + " must be a string.");
}

Expected<int> read_status(JsonView init) {
  const auto found = find_member(init, "status");
  if (!found) return 200;
  if (!found->is_number()) return Error::type_error("The member status must be a number.");
  const double status = std::trunc(found->number());
  return std::abs(status) < 1000 ? static_cast<int>(status) : 0;  // 0 is refused like all others
}

bool is_init(JsonView json) { return json.is_object() || json.is_array(); }

}  // namespace

bool Evaluator::url(JsonView json, std::size_t, Value& out) {
  if (json.size() != 2 || !json[1].is_string()) return fail_unknown(json);
  if (!fail_if(check_url(json[1].string()))) return false;
  out = Url{std::string(json[1].string())};
  return true;
}

bool Evaluator::headers(JsonView json, std::size_t, Value& out) {
  if (json.size() != 2 || !json[1].is_array()) return fail_unknown(json);
  Headers headers;
  if (!header_pairs(json[1], headers) || !fail_if(check_headers(headers))) return false;
  out = std::move(headers);
  return true;
}

bool Evaluator::header_pairs(JsonView json, Headers& out) {
  for (JsonView pair : json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return fail(Error::type_error("Headers must be pairs of strings."));
    try {
      out.append(pair[0].string(), pair[1].string());
    } catch (const Error& error) {
      return fail(error);
    }
  }
  return true;
}

bool Evaluator::init_headers(JsonView init, Headers& out) {
  const auto found = find_member(init, "headers");
  if (!found) return true;
  if (!found->is_array())  // the same words for a Response (V-51)
    return fail(Error::type_error("Request headers must be serialized as an array of pairs."));
  return header_pairs(*found, out);
}

bool Evaluator::body(JsonView json, std::size_t depth, std::string_view owner, Value& out) {
  if (!evaluate(json, depth, out)) return false;
  const auto* bytes = out.get_if<Bytes>();
  if (out.is_null() || out.is_string() || (bytes && bytes->kind() == BytesKind::kUint8Array) ||
      out.kind() == Kind::kReadableStream)
    return true;
  return fail(Error::type_error(std::string(owner) + " body must be of type ReadableStream."));
}

// What the init object of a Workers request may hold besides: JSON as it is, not expressions.
bool Evaluator::plain(JsonView json, std::size_t depth, Value& out) {
  if (is_too_deep(depth)) return false;
  if (json.is_array()) {
    Array items;
    items.reserve(json.size());
    for (JsonView item : json)
      if (!plain(item, depth + 1, items.emplace_back())) return false;
    out = std::move(items);
    return true;
  }
  if (json.is_object()) {
    Object object;
    object.reserve(json.size());
    for (const auto [key, value] : JsonEntries(json))
      if (!plain(value, depth + 1, object[key])) return false;
    out = std::move(object);
    return true;
  }
  return evaluate(json, depth, out);
}

bool Evaluator::plain_members(JsonView init, std::size_t depth,
                              std::span<const std::string_view> names, Object& out) {
  for (std::string_view name : names)
    if (const auto found = find_member(init, name))
      if (!plain(*found, depth, out[name])) return false;
  return true;
}

bool Evaluator::request(JsonView json, std::size_t depth, Value& out) {
  if (json.size() != 3 || !json[1].is_string() || !is_init(json[2])) return fail_unknown(json);
  const JsonView init = json[2];
  Request request{.url = std::string(json[1].string())};
  // An empty string is a body, although it is falsy.
  if (const auto found = find_member(init, "body"); found && found->type() != JsonType::kNull)
    if (!body(*found, depth + 1, "Request", request.body)) return false;
  if (const auto found = find_truthy_member(init, "signal"))
    return unused(*found, depth + 1) &&
           fail(Error::type_error("Request siganl must be of type AbortSignal."));  // V-49, sic
  if (!init_headers(init, request.headers)) return false;
  auto method = read_text(init, "method", "GET");
  if (!method) return fail(std::move(method.error()));
  request.method = normalized_method(*method);
  if (!plain_members(init, depth + 1, kRequestMembers, request.init)) return false;
  if (!fail_if(check_request(request))) return false;
  out = std::move(request);
  return true;
}

bool Evaluator::response(JsonView json, std::size_t depth, Value& out) {
  if (json.size() != 3) return fail_unknown(json);
  Response response;
  if (!body(json[1], depth + 1, "Response", response.body)) return false;
  const JsonView init = json[2];
  if (!is_init(init)) return fail_unknown(json);
  if (find_truthy_member(init, "webSocket"))
    return fail(Error::type_error("Can't deserialize a Response containing a webSocket."));
  if (!init_headers(init, response.headers)) return false;
  auto status = read_status(init);
  if (!status) return fail(std::move(status.error()));
  response.status = *status;
  auto status_text = read_text(init, "statusText", "");
  if (!status_text) return fail(std::move(status_text.error()));
  response.status_text = *std::move(status_text);
  if (!plain_members(init, depth + 1, kResponseMembers, response.init)) return false;
  if (!fail_if(check_response(response))) return false;
  out = std::move(response);
  return true;
}

}  // namespace capnweb
