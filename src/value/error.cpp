#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <string>
#include <typeinfo>
#include <utility>

#include "value/number.hpp"

namespace capnweb {

struct Error::Data {
  std::string name;
  std::string message;
  std::string what;  // empty where it is the message alone
  std::optional<std::string> stack = std::nullopt;
  Object properties = {};
  std::optional<Value> thrown = std::nullopt;
  bool foreign = false;
};

namespace {

Error with_code(std::string message, const char* code) {
  Error error(std::move(message));
  error.set_property("code", code);
  return error;
}

// What JavaScript's String(value) says of it, where that is short; else the name of its kind.
std::string describe(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* number = value.get_if<double>()) return number_to_string(*number);
  if (const auto* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const auto* integer = value.get_if<BigInt>()) return integer->to_string();
  return std::string(value.kind_name());
}

}  // namespace

Error::Error(std::string name, std::string message) {
  std::string what;
  if (name != "Error") what = message.empty() ? name : name + ": " + message;
  data_ = std::make_shared<Data>(
      Data{.name = std::move(name), .message = std::move(message), .what = std::move(what)});
}

Error Error::bad_request(std::string message) {
  return with_code(std::move(message), "bad_request");
}
Error Error::not_found(std::string message) { return with_code(std::move(message), "not_found"); }
Error Error::cap_revoked(std::string message) {
  return with_code(std::move(message), "cap_revoked");
}
Error Error::permission_denied(std::string message) {
  return with_code(std::move(message), "permission_denied");
}
Error Error::canceled(std::string message) { return with_code(std::move(message), "canceled"); }
Error Error::internal(std::string message) { return with_code(std::move(message), "internal"); }

Error Error::with_data(Value data) const {
  Error copy = *this;
  copy.set_property("data", std::move(data));
  return copy;
}

Error Error::thrown(Value value) {
  if (const auto* error = value.get_if<Error>()) return *error;
  Error error("Error", describe(value));
  error.change().thrown = std::move(value);
  return error;
}

const Value* Error::thrown_value() const noexcept {
  return data_->thrown ? &*data_->thrown : nullptr;
}

const std::string& Error::name() const noexcept { return data_->name; }
const std::string& Error::message() const noexcept { return data_->message; }
const char* Error::what() const noexcept {
  return (data_->what.empty() ? data_->message : data_->what).c_str();
}
const std::optional<std::string>& Error::stack() const noexcept { return data_->stack; }
const Object& Error::properties() const noexcept { return data_->properties; }
bool Error::is_foreign() const noexcept { return data_->foreign; }

std::string_view Error::code() const noexcept {
  const Value* code = data_->properties.find("code");
  const auto* text = code ? code->get_if<std::string>() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

const Value* Error::cause() const noexcept { return data_->properties.find("cause"); }

Error& Error::set_stack(std::optional<std::string> stack) {
  change().stack = std::move(stack);
  return *this;
}

Error& Error::set_property(std::string key, Value value) {
  change().properties.set(std::move(key), std::move(value));
  return *this;
}

Error::Data& Error::change() {
  if (data_.use_count() != 1) data_ = std::make_shared<Data>(*data_);
  return *data_;
}

Error Error::from_exception(const std::exception_ptr& exception) {
  const auto foreign = [](const char* what) {
    Error error{std::string(what)};
    error.change().foreign = true;
    return error;
  };
  if (!exception) return foreign("unknown exception");
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& other) {
    return foreign(other.what());
  } catch (...) {
    return foreign("unknown exception");
  }
}

bool operator==(const Error& a, const Error& b) {
  if (a.data_ == b.data_) return true;
  return a.name() == b.name() && a.message() == b.message() &&
         a.data_->properties == b.data_->properties && a.data_->thrown == b.data_->thrown;
}

}  // namespace capnweb
