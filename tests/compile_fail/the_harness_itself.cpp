// expect: capnweb: the number is too large, pass at most 3
template <int kNumber>
constexpr int small() {
  static_assert(kNumber <= 3, "capnweb: the number is too large, pass at most 3");
  return kNumber;
}

#if defined(BAD)
static_assert(small<4>() == 4);
#elif defined(BROKEN)
static_assert(small<1>() == 2, "another message");
#else
static_assert(small<3>() == 3);
#endif
