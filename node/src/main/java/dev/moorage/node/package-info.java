/**
 * The house: the {@code moorage} command, the daemons, and the embedded cluster. Reads the configuration, starts actor
 * systems, opens stores, and hands all of it to the coordinator and the worker; no decision about a checkpoint is made here.
 *
 * <p>Does not know: what a coordinator decides or how a worker moves bytes.
 *
 * <p>Depends on: everything. Used by: nobody. Commands that only read a store touch no class of Pekko or gRPC.
 *
 * <p>Threading: the main thread runs one command and waits for it; what runs beside it belongs to the actor system or to the
 * part that started it.
 */
package dev.moorage.node;
