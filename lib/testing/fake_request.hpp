// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_REQUEST_HPP
#define BINARLY_LIB_TESTING_FAKE_REQUEST_HPP

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace binarly::testing {

enum class fake_method { get, head, post, other };

/// What the service needs to know of a request.
struct fake_request {
  fake_method method = fake_method::other;
  std::string target;
  std::string authorization;
  std::string content_type;
  std::string accept_encoding;
  std::string body;  ///< of a POST; another's is read over
  std::string head;  ///< as it came, where it is asked for
  bool keep_alive = false;
};

/// Makes requests out of bytes, one after the other, within bounds: 16 KiB for a head, 64 KiB for a
/// body. Knows no socket.
class request_reader {
 public:
  enum class outcome {
    need_more,       ///< fill `prepare()` and commit
    complete,        ///< the request is whole
    head_too_large,  ///< and no request can follow, as after the next two
    body_too_large,
    malformed,
  };

  enum class heads { drop, keep };

  explicit request_reader(heads what = heads::drop);
  ~request_reader();
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  /// Room for bytes from the peer; never empty after `need_more`.
  [[nodiscard]] std::span<char> prepare();
  void commit(std::size_t size) noexcept { end_ += size; }
  [[nodiscard]] outcome next(fake_request& request);

 private:
  class parser;

  heads heads_;
  std::unique_ptr<parser> parser_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace binarly::testing

#endif
