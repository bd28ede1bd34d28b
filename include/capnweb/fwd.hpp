// fwd.hpp: the names of the library, for headers that only mention them.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace capnweb {

class BigInt;
class Blob;
class Bytes;
class Error;
class Headers;
class Object;
class Session;
class Value;
struct Limits;
struct Request;
struct Response;

template <class T = void>
class Stub;
template <class T>
class Promise;
template <class T = void>
class Task;
template <class Signature>
class Function;

// One step of a property path: a name, or the index of an array element. Only a number indexes an
// array; the string "1" is a name (C-15).
using PathPart = std::variant<std::string, double>;
using Path = std::vector<PathPart>;
using PathView = std::span<const PathPart>;

namespace detail {
class Hook;
}

}  // namespace capnweb
