// bounds.hpp: what a call may cost, in counts that are the same on every machine. A bound is what
// is reached; the aim stands beside it. Who gets lower lowers the bound.
#pragma once

namespace bench::bounds {

// Requests for memory per call on the server, when its tables and buffers have their size.
inline constexpr double kAllocationsOfAdd = 0;    // two numbers in, one out
inline constexpr double kAllocationsOfEcho = 1;   // the handler's own std::string of 1 KiB
inline constexpr double kAllocationsOfSum = 1;    // the handler's own std::vector
inline constexpr double kAllocationsOfList = 1;   // the text of 100 structs, until it is asked for
inline constexpr double kAllocationsOfChain = 7;  // aim 6: two objects that the handlers make
inline constexpr double kAllocationsOfCallback =
    4;  // aim 2: a coroutine, and the record of its call
// A coroutine with numbers in and out, whether it waits for something or not.
inline constexpr double kAllocationsOfCoroutine = 0;
inline constexpr double kAllocationsOfStream = 1.2;  // aim 1: the chunk's std::string of 1 KiB

// System calls per call on the server, with 64 calls under way on a WebSocket. 1/64 is reached.
inline constexpr double kSendsOfAdd = 0.05;
inline constexpr double kReceivesOfAdd = 0.05;

// Bytes of messages per add(5, 3), both ends ours, ids of four digits: 37 for the push, 13 for the
// pull, 18 each for the answer and the release. The protocol allows no fewer.
inline constexpr double kBytesOfAdd = 86;

}  // namespace bench::bounds
