export { type CheckedRecording, checkRecording, type Divergence } from './check-recording.js';
export { type RecordedLine, type Recording, readRecording } from './read-recording.js';
export { recordingLines } from './recording-lines.js';
