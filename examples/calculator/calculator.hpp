// calculator.hpp: what the server offers and the client calls.
#pragma once

#include <capnweb/capnweb.hpp>

class Calculator {
 public:
  double add(double a, double b) const { return a + b; }
  double multiply(double a, double b) const { return a * b; }

  // What callers can reach, and nothing else.
  struct Rpc {
    capnweb::Method<&Calculator::add> add;
    capnweb::Method<&Calculator::multiply> multiply;
  };
};
