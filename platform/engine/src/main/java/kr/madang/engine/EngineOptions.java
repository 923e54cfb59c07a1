package kr.madang.engine;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import kr.madang.journal.Journals;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What the engine is given.
 *
 * @param allocator the parent of all pipelines' allocators; the engine does not close it
 * @param clock the time that is written into samples and statuses
 * @param threads makes the platform's own threads
 * @param jitter spreads retries
 * @param state a directory for positions and epochs of pipelines without a journal
 * @param journals one a workspace; the engine does not close them
 */
public record EngineOptions(
    BufferAllocator allocator,
    InstantSource clock,
    ThreadFactory threads,
    RandomGenerator jitter,
    Path state,
    Journals journals) {}
