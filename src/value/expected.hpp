// expected.hpp: a result, or the error that the peer's input deserves.
#pragma once

#include <capnweb/error.hpp>
#include <utility>
#include <variant>

namespace capnweb {

// Exceptions are for user code; what a peer can cause travels as an Expected.
template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : data_(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : data_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return data_.index() == 0; }
  // REQUIRES: there is a value.
  T& operator*() & noexcept { return *std::get_if<0>(&data_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&data_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&data_)); }
  T* operator->() noexcept { return std::get_if<0>(&data_); }
  const T* operator->() const noexcept { return std::get_if<0>(&data_); }
  // REQUIRES: there is none.
  const Error& error() const noexcept { return *std::get_if<1>(&data_); }
  Error& error() noexcept { return *std::get_if<1>(&data_); }

 private:
  std::variant<T, Error> data_;
};

struct Done {};  // what an Expected<Done> holds when all went well

}  // namespace capnweb
