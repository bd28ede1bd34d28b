// error.hpp: the one family of errors.
#pragma once

#include <capnweb/fwd.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace capnweb {

// A JavaScript error, as thrown by a peer, by a handler of ours, or by the library. Copying it is
// cheap: copies share what they hold until one is changed.
//
// what() is "TypeError: text", or the text alone where the name is plain "Error".
class Error : public std::exception {
 public:
  explicit Error(std::string message) : Error("Error", std::move(message)) {}
  // `name` is the JavaScript type: Error, TypeError, RangeError, SyntaxError, ReferenceError,
  // EvalError, URIError, AggregateError. Another name crosses, but a JavaScript peer forgets it
  // (V-37).
  Error(std::string name, std::string message);
  // Moving copies: an error that was moved from can still say what it is.
  Error(const Error&) noexcept = default;
  Error& operator=(const Error&) noexcept = default;
  ~Error() override = default;

  static Error type_error(std::string message) { return {"TypeError", std::move(message)}; }
  static Error range_error(std::string message) { return {"RangeError", std::move(message)}; }
  static Error syntax_error(std::string message) { return {"SyntaxError", std::move(message)}; }

  // The codes of the family: an Error with a `code` property that JavaScript sees as well, and
  // `data` where it is given.
  static Error bad_request(std::string message);
  static Error not_found(std::string message);
  static Error cap_revoked(std::string message);
  static Error permission_denied(std::string message);
  static Error canceled(std::string message);
  static Error internal(std::string message);
  Error with_data(Value data) const;

  // A thrown value that is no error: JavaScript code may throw anything (V-44).
  static Error thrown(Value value);
  // That value, or null for an ordinary error. An Error given to thrown() is that ordinary error.
  const Value* thrown_value() const noexcept;

  const std::string& name() const noexcept;
  const std::string& message() const noexcept;
  const char* what() const noexcept override;

  // The peer's stack, if it sent one. The library sends none unless the application's
  // on_send_error gives an error that has one (E-1).
  const std::optional<std::string>& stack() const noexcept;
  // Own properties, `cause` and an AggregateError's `errors` among them (V-38).
  const Object& properties() const noexcept;
  // The `code` property if it is a string, else "".
  std::string_view code() const noexcept;
  // The `cause` property, or null.
  const Value* cause() const noexcept;

  Error& set_stack(std::optional<std::string> stack);
  Error& set_property(std::string key, Value value);

  // What an application's `catch` block has, as an Error: an Error as it is, any other exception
  // under its what(), for logs; handlers' foreign exceptions reach peers without their text.
  static Error from_exception(const std::exception_ptr& exception);
  // Whether it came from such another exception: its text stays on this side unless the session's
  // on_send_error says otherwise.
  bool is_foreign() const noexcept;

  // Equal in name, message, properties and thrown value: what crosses and comes back is equal, and
  // a stack does not cross.
  friend bool operator==(const Error& a, const Error& b);

 private:
  struct Data;
  Data& change();
  std::shared_ptr<Data> data_;
};

}  // namespace capnweb
