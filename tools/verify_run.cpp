// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/verify_run.hpp"

#include "tools/exit_code.hpp"
#include "tools/file_digest.hpp"
#include "tools/journal/entry_of.hpp"
#include "tools/journal/journal_set.hpp"
#include "tools/journal/line.hpp"
#include "tools/off_loop.hpp"
#include "tools/text.hpp"
#include "tools/usable_row.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace binarly::tools {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_unwritten = 1024 * 1024;

std::chrono::milliseconds span_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

verify_run::verify_run(const verify_arguments& arguments, const shard& part)
    : keep_going_(arguments.keep_going),
      durable_(arguments.durable),
      wait_(span_of(arguments.wait)),
      wait_for_scan_(span_of(arguments.wait_for_scan)),
      again_(arguments.again),
      part_(part),
      feed_(arguments.manifest, arguments.rows),
      size_(feed_.size()),
      flushed_(clock::now()) {
  if (arguments.results.empty()) {
    if (arguments.outputs.want_rows()) journal_.emplace();
    return;
  }
  if (feed_.is_same_file(arguments.results)) {
    throw command_error(exit_code::usage,
                        "the results would overwrite the manifest; choose another --results");
  }
  journal_.emplace(arguments.results, arguments.existing);
  if (arguments.existing == existing_journal::resume) restore();
}

void verify_run::restore() {
  journal_->restore([this](const journal_entry& entry, const std::string& place) {
    const auto trouble = marks_.add(entry);
    if (trouble != row_marks::trouble::none) {
      throw command_error(exit_code::usage, explain(trouble, entry.row, place));
    }
    if (!is_final(entry.verdict)) {
      // Stopped before it was looked up again; its expectation may have been mended since.
      if (entry.again && !again_.empty()) marks_.reopen(entry.row);
      return;
    }
    if (wants_again(entry.verdict)) return marks_.reopen(entry.row);
    seen_.add(entry);
    ++kept_;
  });
  if (!marks_.reopened()) return;
  // Of a row that was looked up again, more than one verdict was counted.
  seen_ = tally();
  kept_ = 0;
  journal_->restore([this](const journal_entry& entry, const std::string&) {
    const bool kept = marks_.state_of(entry.row) == row_marks::state::final;
    if (!marks_.is_last(entry) || !kept) return;
    seen_.add(entry);
    ++kept_;
  });
}

bool verify_run::wants_again(verdict value) const noexcept {
  return std::find(again_.begin(), again_.end(), value) != again_.end();
}

asio::awaitable<std::optional<expectation>> verify_run::next() {
  co_await asio::this_coro::throw_if_cancelled(false);
  // A slow disk slows the run down, and fills no memory: the writer has one thread, which comes to
  // this when all is written.
  if (unwritten_ > most_unwritten) (void)co_await off_loop(writer_, [] {});
  for (;;) {
    while (auto row = feed_.take()) {
      if (stopped_) co_return std::nullopt;
      read_ = row->end;
      if (is_done(*row) || !part_.takes(row->image_id)) continue;
      if (!read_first_) read_first_ = read_;
      auto ref = usable(*row);
      std::string trouble = ref ? std::string() : ref.error();
      if (trouble.empty() && row->file) {
        trouble = co_await hash_file(&*row);
        if (stopped_) co_return std::nullopt;
      }
      if (trouble.empty()) {
        digests_.emplace(row->row, row->digest);
        co_return expected(std::move(*row), std::move(*ref));
      }
      if (!keep_going_) {
        trouble_ = complaint(*row, trouble) +
                   "; the run ends here: correct the row and go on with --resume, or pass over "
                   "such rows with --keep-going";
        co_return std::nullopt;
      }
      refuse(std::move(*row), std::move(trouble));
    }
    if (stopped_) co_return std::nullopt;
    if (feed_.ended()) {
      check_end();
      co_return std::nullopt;
    }
    // Named first: g++ 12 destroys a closure that holds something twice within a co_await.
    std::function<void()> read = [this] { feed_.read(); };
    std::function<void()> give_up = [this] { stop(); };
    (void)co_await off_loop(reader_, std::move(read), std::move(give_up));
  }
}

/// Throws where the journal is another manifest's.
bool verify_run::is_done(const manifest_row& row) const {
  const auto state = marks_.state_of(row.row);
  if (state == row_marks::state::absent) return false;
  if (!marks_.agrees(row.row, row.digest)) {
    throw command_error(exit_code::usage, "the results " + journal_->name() +
                                              " are of another manifest: row " + grouped(row.row) +
                                              " has other contents in the " + feed_.name() +
                                              "; choose other --results, or, where an expectation "
                                              "was mended, --again with the row's verdict");
  }
  if (!part_.takes(row.image_id) && !marks_.may_be_corrected(row.row)) {
    throw command_error(exit_code::usage, "the results " + journal_->name() +
                                              " are of another shard: row " + grouped(row.row) +
                                              " is none of this one's; choose other --results");
  }
  return state == row_marks::state::final;
}

void verify_run::check_end() const {
  if (!feed_.error().empty() || marks_.last_row() <= feed_.rows()) return;
  throw command_error(exit_code::usage, "the results " + journal_->name() +
                                            " are of another manifest: they go to row " +
                                            grouped(marks_.last_row()) + ", and the " +
                                            feed_.name() + " to row " + grouped(feed_.rows()) +
                                            "; choose other --results");
}

expectation verify_run::expected(manifest_row row, image_ref ref) const {
  expectation upload(std::move(ref));
  upload.name = std::move(row.name);
  upload.version = std::move(row.version);
  upload.author = std::move(row.author);
  upload.sha256 = std::move(row.sha256);
  upload.sha1 = std::move(row.sha1);
  upload.md5 = std::move(row.md5);
  upload.wait = wait_;
  upload.wait_for_scan = wait_for_scan_;
  upload.tag = row.row;
  return upload;
}

/// Puts the checksum of the row's file where one is expected; comes back with what is wrong.
asio::awaitable<std::string> verify_run::hash_file(manifest_row* row) {
  const auto found = std::make_shared<file_digest>();
  // Named first: g++ 12 destroys a closure that holds something twice within a co_await.
  std::function<void()> work = [this, found, path = *row->file] {
    *found = digest_file(path, stopped_);
  };
  std::function<void()> give_up = [this] { stop(); };
  const auto thrown = co_await off_loop(reader_, std::move(work), std::move(give_up));
  if (thrown) std::rethrow_exception(thrown);
  std::string& trouble = found->trouble;
  if (trouble.empty() && row->sha256 && !boost::algorithm::iequals(*row->sha256, found->sha256)) {
    trouble = "has the SHA-256 " + found->sha256 + ", not the one that the row gives";
  }
  if (!trouble.empty()) {
    trouble.insert(0, to_string(row->file_at) + ": the file " + printable(*row->file) + ' ');
  }
  row->sha256 = std::move(found->sha256);
  co_return std::move(trouble);
}

std::string verify_run::complaint(const manifest_row& row, const std::string& why) const {
  return feed_.name() + ", " + why + " (row " + grouped(row.row) + ')';
}

/// A bad row gets its verdict here; the others do not suffer from it.
void verify_run::refuse(manifest_row row, std::string why) {
  ++refused_;
  why = complaint(row, why);
  if (refusals_.size() < refusals_kept) {
    refusals_.push_back(why + "; correct this row, the others were looked up");
  }
  verification outcome;
  outcome.expectation.tag = row.row;
  outcome.failure = failure(errc::invalid_argument, std::move(why));
  journal_entry entry = entry_of(outcome);
  entry.digest = row.digest;
  entry.again = marks_.is_reopened(entry.row);
  entry.product_id = std::move(row.product_id);
  entry.image_id = std::move(row.image_id);
  record(entry, outcome.failure.json());
}

void verify_run::accept(verification outcome) {
  journal_entry entry = entry_of(outcome);
  const auto digest = digests_.find(entry.row);
  entry.digest = digest->second;
  digests_.erase(digest);
  entry.again = marks_.is_reopened(entry.row);
  if (outcome.limit != 0) limit_ = outcome.limit;
  record(entry, entry.failure ? outcome.failure.json() : std::string());
}

void verify_run::record(const journal_entry& entry, std::string_view failure_json) {
  if (broken_) std::rethrow_exception(lost_);
  seen_.add(entry);
  if (!journal_) return;
  journal_->add(journal_line(entry, failure_json));
  tick();
}

void verify_run::tick() {
  const auto now = clock::now();
  if (!journal_ || !journal_->due(now)) return;
  std::string lines = journal_->take(now);
  unwritten_ += lines.size();
  asio::post(writer_, [this, lines = std::move(lines)] {
    try {
      if (!broken_) write(lines);
    } catch (...) {
      lost_ = std::current_exception();
      broken_ = true;
    }
    unwritten_ -= lines.size();
  });
}

void verify_run::write(const std::string& lines) {
  journal_->write(lines);
  const auto now = clock::now();
  if (!durable_ || now - flushed_ < std::chrono::seconds(1)) return;
  flushed_ = now;
  journal_->flush();
}

void verify_run::stop() noexcept {
  stopped_ = true;
  feed_.interrupt();
}

void verify_run::finish() {
  writer_.join();
  if (broken_) std::rethrow_exception(lost_);
  if (journal_) journal_->finish(durable_);
}

progress_figures verify_run::figures() const {
  progress_figures out;
  out.in_flight = digests_.size();
  out.limit = limit_;
  out.kept = kept_;
  if (size_ && read_first_ && *size_ > *read_first_ && read_ > *read_first_) {
    out.done =
        static_cast<double>(read_ - *read_first_) / static_cast<double>(*size_ - *read_first_);
  }
  return out;
}

}  // namespace binarly::tools
