// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_FAULT_HPP
#define BINARLY_TESTING_FAULT_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::testing {

/// What the service can do wrong to one request, or say in an unusual form.
///
/// A form changes an answer that would have been good, and leaves one alone that it does not fit: a
/// report has no author, for instance.
enum class fault {
  none,             ///< answers as it should; useful in a script
  delay,            ///< answers late, by `misbehaviour::duration`
  hang,             ///< reads the request and never answers
  reset_before,     ///< resets the connection instead of answering
  reset_in_head,    ///< resets it inside the answer's head
  reset_in_body,    ///< resets it inside the answer's body
  reset_after,      ///< resets it right after a complete answer
  close_before,     ///< closes properly instead of answering
  close_after,      ///< closes properly after a complete answer that promised keep-alive
  truncate_body,    ///< closes properly inside a body of announced length
  unannounced_end,  ///< no length, ends by a close without TLS's goodbye
  slow_bytes,       ///< sends the answer a few bytes at a time, over `misbehaviour::duration`
  status_408,
  status_429,
  status_500,
  status_502,
  status_503,
  status_504,
  html_error,       ///< 502 with a load balancer's HTML page
  html_success,     ///< 200 with an HTML page where JSON should be
  wrong_json,       ///< 200 with JSON that is no image and no report
  broken_json,      ///< 200 with JSON that ends in the middle
  wrong_image,      ///< 200 with another image than the one asked for
  deep_json,        ///< 200 with JSON nested 10,000 deep
  huge_body,        ///< 200 with a body of 100 MB
  huge_head,        ///< 200 with a head of 1 MB
  garbage,          ///< bytes that are not HTTP
  continue_first,   ///< an interim answer (103) before the answer
  redirect,         ///< 302 to another host
  forbidden,        ///< the service's own 403, with permission and resource name
  not_found,        ///< the service's own 404, as for an image that is not there yet
  chunked,          ///< a proper answer in chunked coding
  unauthorized,     ///< the service's own 401
  not_found_text,   ///< 404 of something that is not the service: plain text,
  not_found_html,   ///< an HTML page,
  not_found_json,   ///< or JSON of its own
  forbidden_text,   ///< 403 of something that is not the service: plain text,
  forbidden_html,   ///< an HTML page,
  forbidden_json,   ///< or JSON of its own
  answer,           ///< `misbehaviour::answer` instead of the service's
  wrong_parent,     ///< form: the image asked for, but as another product's
  null_members,     ///< form: null for author, version, files, scans and what else may be absent
  zero_time,        ///< form: a file whose time is Go's zero, `0001-01-01T00:00:00Z`
  archived,         ///< form: the image is archived
  no_checksums,     ///< form: a report or a tree of components without any checksum
  gzip,             ///< form: in gzip's coding, asked for or not
  byte_order_mark,  ///< form: UTF-8's byte order mark before the JSON
};

/// The fault's name as the command's `--faults` takes it: the enumerator, without `status_`.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(fault kind) noexcept;

/// An answer word for word, such as another server's.
struct canned_answer {
  unsigned status = 200;  ///< 200 to 599
  std::string type;       ///< of the content, as sent; empty for none
  std::string body;       ///< at most 1 MiB; none goes out with 204 and 304
  /// Further header lines, each with its line end (CRLF); at most 4096 bytes. The length and
  /// whether the connection stays are not among them.
  std::string headers;

  canned_answer() = default;
  canned_answer(unsigned code, std::string content_type, std::string content)
      : status(code), type(std::move(content_type)), body(std::move(content)) {}
};

/// A fault, how likely it is, and what it needs to know.
struct misbehaviour {
  fault kind = fault::none;
  /// Of each request, 0 to 1; not looked at in a script.
  double probability = 0;
  /// For `delay` and `slow_bytes`.
  std::chrono::milliseconds duration{100};
  /// For statuses: sent as `Retry-After`; empty for none.
  std::string retry_after;
  /// For `fault::answer`, which cannot be carried out without it.
  std::shared_ptr<const canned_answer> answer;

  misbehaviour() = default;
  explicit misbehaviour(fault what, double likely = 0) : kind(what), probability(likely) {}
  explicit misbehaviour(canned_answer what, double likely = 0)
      : kind(fault::answer),
        probability(likely),
        answer(std::make_shared<const canned_answer>(std::move(what))) {}
};

/// Reads `429=0.05,delay=0.1,reset_in_body=0.02`. The failure names the word that it stumbled over,
/// and for one that is no kind of fault the nearest names. The probabilities' sum is at most 1.
/// `answer` cannot be written so.
[[nodiscard]] BINARLY_IMAGES_DECL result<std::vector<misbehaviour>> parse_faults(
    std::string_view text);

}  // namespace binarly::testing

#endif
