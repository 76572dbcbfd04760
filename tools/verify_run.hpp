// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_VERIFY_RUN_HPP
#define BINARLY_TOOLS_VERIFY_RUN_HPP

#include "tools/commands.hpp"
#include "tools/journal/journal_file.hpp"
#include "tools/journal/row_marks.hpp"
#include "tools/manifest_feed.hpp"
#include "tools/progress.hpp"
#include "tools/shard.hpp"
#include "tools/tally.hpp"

#include <binarly/verify_images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace binarly::tools {

namespace asio = boost::asio;

/// A run's two ends: rows come out of the manifest, verifications go to the journal and the tally.
/// Reading, hashing and writing files may block, so each end has a thread; all else is on the loop.
class verify_run {
 public:
  /// Opens the manifest and the journal, and reads what the journal has already. Throws
  /// `command_error`.
  verify_run(const verify_arguments& arguments, const shard& part);

  /// The next upload that is to be looked up.
  asio::awaitable<std::optional<expectation>> next();
  /// Throws what writing the journal came to.
  void accept(verification outcome);

  /// Nothing more is taken from the manifest, and whatever reads a file gives up.
  void stop() noexcept;
  /// Writes what has been lying about for a second; to be called now and then.
  void tick();
  /// Writes what is left of the journal. After the loop has ended.
  void finish();

  [[nodiscard]] const tally& seen() const noexcept { return seen_; }
  [[nodiscard]] progress_figures figures() const;
  /// Null where nobody wants one.
  [[nodiscard]] const journal_file* journal() const noexcept {
    return journal_ ? &*journal_ : nullptr;
  }
  /// What is wrong with the manifest as a whole, or with the row that ended the run; empty for
  /// nothing.
  [[nodiscard]] const std::string& trouble() const noexcept {
    return trouble_.empty() ? feed_.error() : trouble_;
  }
  /// What of the manifest was passed over, as one line. After the loop has ended.
  [[nodiscard]] std::string ignored() const { return feed_.ignored(); }
  /// Bad rows that were passed over, the first of them in words.
  [[nodiscard]] const std::vector<std::string>& refusals() const noexcept { return refusals_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  /// Rows that had their final verdict before this run.
  [[nodiscard]] std::uint64_t kept() const noexcept { return kept_; }

 private:
  static constexpr std::size_t refusals_kept = 10;

  void restore();
  [[nodiscard]] bool wants_again(verdict value) const noexcept;
  [[nodiscard]] bool is_done(const manifest_row& row) const;
  void check_end() const;
  asio::awaitable<std::string> hash_file(manifest_row* row);
  void refuse(manifest_row row, std::string why);
  [[nodiscard]] std::string complaint(const manifest_row& row, const std::string& why) const;
  [[nodiscard]] expectation expected(manifest_row row, image_ref ref) const;
  void record(const journal_entry& entry, std::string_view failure_json);
  void write(const std::string& lines);

  const bool keep_going_;
  const bool durable_;
  const std::chrono::milliseconds wait_;
  const std::chrono::milliseconds wait_for_scan_;
  const std::vector<verdict> again_;
  const shard part_;
  manifest_feed feed_;
  const std::optional<std::uint64_t> size_;  // of the manifest
  std::optional<journal_file> journal_;
  row_marks marks_;  // of what the journal had before
  tally seen_;
  std::unordered_map<std::uint64_t, std::uint64_t> digests_;  // of the rows that are out
  std::vector<std::string> refusals_;
  std::string trouble_;
  std::uint64_t refused_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t read_ = 0;                   // bytes of the manifest
  std::optional<std::uint64_t> read_first_;  // up to the first row that was taken
  std::size_t limit_ = 0;
  std::atomic<bool> stopped_ = false;
  std::chrono::steady_clock::time_point flushed_;  // on the writer's thread
  std::exception_ptr lost_;                        // likewise, until `broken_` is set
  std::atomic<bool> broken_ = false;
  std::atomic<std::size_t> unwritten_ = 0;  // bytes that are the writer's
  // Last, so that their threads are gone before what they work on.
  asio::thread_pool reader_{1};
  asio::thread_pool writer_{1};
};

}  // namespace binarly::tools

#endif
