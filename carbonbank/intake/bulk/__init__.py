"""Files larger than memory: blocks in, spilled by vehicle, sealed part by part, files out."""
