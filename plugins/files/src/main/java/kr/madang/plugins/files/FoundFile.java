package kr.madang.plugins.files;

import java.nio.file.Path;

/**
 * A file of a listing.
 *
 * @param name relative to the folder that is read; files are read in its order
 * @param inode the number that the file system gave it
 */
record FoundFile(Path path, String name, long inode, long size, long modified) {}
