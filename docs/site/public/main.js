export default {
  // Diagrams that are drawn within the same millisecond would otherwise share a name, and the first its place.
  mermaid: { deterministicIds: true, deterministicIDSeed: 'diagram' },
}
