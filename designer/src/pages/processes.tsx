/** The list of processes. */
export default function Processes() {
  return <div class="page"><h1>Processes</h1></div>;
}
