// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_BACKEND_HPP
#define BINARLY_LIB_TESTING_FAKE_BACKEND_HPP

#include "testing/fake_catalogue.hpp"
#include "testing/fake_delivery.hpp"
#include "testing/fake_identity.hpp"
#include "testing/fake_request.hpp"
#include "testing/fake_route.hpp"
#include "testing/fault_plan.hpp"
#include "testing/scan_book.hpp"

#include <binarly/image.hpp>
#include <binarly/testing/fake_service.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

/// Written on the service's strand only, read from anywhere.
struct live_counters {
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> handshakes = 0;
  std::atomic<std::uint64_t> open_connections = 0;
  std::atomic<std::uint64_t> most_open_connections = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> faults = 0;
  std::atomic<std::uint64_t> unauthorized = 0;
  std::atomic<std::uint64_t> token_requests = 0;
};

/// What the service says to a request, and what goes wrong with it. Knows no socket.
class fake_backend {
 public:
  /// Throws `failure_error`, naming the option that cannot be used. Looks at none that is about the
  /// network.
  explicit fake_backend(const fake_service_options& options);

  /// `answered`: requests answered before on this connection.
  [[nodiscard]] delivery answer_to(const fake_request& request, std::size_t answered);
  /// For a request that could not be read: it is told why, and the connection ends.
  [[nodiscard]] delivery refuse(request_reader::outcome why);

  /// These may be called from any thread, as the public members of the same names.
  void script_token_requests(std::vector<misbehaviour> next);
  void set_scan(const image_ref& ref, fake_scan scan);
  void set_permissions(std::vector<std::string> permissions);
  void accept(std::shared_ptr<token_register> issued_elsewhere);
  void revoke_tokens();
  [[nodiscard]] std::vector<std::string> recent_heads() const;

  const fake_catalogue catalogue;
  /// Null where the service plays no identity server.
  const std::shared_ptr<token_register> tokens;
  /// Of its token endpoint, below the prefix.
  const std::string token_path;
  const bool records_heads;
  fault_plan plan;
  live_counters counters;

 private:
  /// Whether a call is let in, and in which words it is not.
  enum class entry { granted, refused, wrong_audience };

  [[nodiscard]] entry entry_for(std::string_view authorization) const;
  [[nodiscard]] bool may(std::string_view permission) const;
  void record(const std::string& head);

  [[nodiscard]] delivery api_answer_to(const fake_request& request, std::size_t answered);
  [[nodiscard]] fake_answer proper_answer(const fake_request& request, const fake_route& way,
                                          fault unusual);
  [[nodiscard]] fake_answer image_answer(const fake_route& way, std::uint64_t number,
                                         fault unusual);
  [[nodiscard]] fake_answer images_answer(const fake_route& way, fault unusual) const;
  [[nodiscard]] fake_answer report_answer(const fake_route& way, std::uint64_t number,
                                          fault unusual) const;
  [[nodiscard]] fake_answer components_answer(std::uint64_t number, fault unusual) const;
  [[nodiscard]] fake_answer spoilt_answer(const misbehaviour& wrong, const fake_route& way) const;
  /// The name of what was asked for, as a refusal has it.
  [[nodiscard]] std::string name_of(const fake_route& way) const;
  /// Codes the answer, and holds it where it is small.
  void put_in_form(fake_answer& answer, const fake_request& request, fault unusual) const;

  [[nodiscard]] delivery token_answer_to(const fake_request& request, std::size_t answered);
  [[nodiscard]] fake_answer spoilt_token_answer(const misbehaviour& wrong,
                                                const fake_request& request) const;
  [[nodiscard]] delivery sent(fake_answer answer, const misbehaviour& wrong,
                              const fake_request& request, std::size_t answered) const;

  fake_identity identity_;
  fault_plan token_plan_;
  scan_book scans_;
  std::string token_;
  std::string prefix_;
  std::string root_;
  std::string token_target_;
  std::optional<canned_answer> elsewhere_;
  std::size_t answers_per_connection_;
  std::uint64_t report_components_;
  bool gzip_reports_;
  std::chrono::milliseconds latency_;

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<token_register>> accepted_;
  std::vector<std::string> permissions_;
  std::deque<std::string> heads_;
};

}  // namespace binarly::testing

#endif
